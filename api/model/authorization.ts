/** A sign-in from the link that starts it until its outcome, and the link for an admin's consent. */
import type { ConsolePerson } from '../../schema/console-session.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Resource } from '../../schema/protocols.ts'
import type { ApiKeyRecord } from './access.ts'
import type { GrantRecord, WholeGrant } from './grant.ts'

export type NewAuthorization = {
  id: string
  /** Null if the mailbox belongs to no customer. */
  customer: string | null
  username: string
  delegate: string | null
  protocols: Protocol[]
  origin: string | null
  returnUrl: string | null
  mailAccountId: string | null
  apply: 'on_save' | 'at_once'
  /** True if the link was made to be sent to the mailbox's owner. */
  sent: boolean
  /** Id of the API key, or object id of the person, that created it. */
  requestedBy: string
  /** The person, with the role and its source at that time; null if a key created it. */
  requestedByPerson: ConsolePerson | null
  createdAt: Date
  /** Deadline of the next step: to start, to return from Microsoft, to store the result, or to decide a mismatch. */
  expiresAt: Date
}

export type AuthorizationRecord = NewAuthorization & {
  /** The stored status: an expired authorization still reads `pending` here. */
  status: 'pending' | 'completed' | 'failed'
  startedAt: Date | null
  consumedAt: Date | null
  endedAt: Date | null
  /** True when a different account than the expected one signed in. */
  mismatch: boolean
  grantId: string | null
  problem: { code: ProblemCode; detail: string; facts: FailureFacts | null } | null
  /**
   * Returns whether this is the secret of its link, of its status URL or of the browser that started it. False as well
   * if what the authorization was created with was not written by Mailgrant.
   */
  proves: (secret: 'link' | 'status' | 'browser', text: string) => boolean
  /** Parameters of the authorization request; null before the first start. */
  signIn: SignInParameters | null
  /** Returns the links for an admin that were created for this sign-in, one for each resource. Throws KeyMissing. */
  openAdminLinks: () => Promise<string[]>
}

/** Parameters of the request to Microsoft: the app, its cloud and tenant, and the scopes. */
export type SignInParameters = { clientId: string; cloud: Cloud; tenant: string; scopes: string[] }

/** An authorization with the parameters of its latest start. */
export type StartedAuthorization = AuthorizationRecord & {
  signIn: NonNullable<AuthorizationRecord['signIn']>
}

/**
 * An authorization with the grant that its sign-in stored. The grant is null if there is none, or if it is beyond the
 * scope of the key.
 */
export type AuthorizationWithGrant = {
  authorization: AuthorizationRecord
  grant: WholeGrant | null
}

/** An authorization with what its sign-in needs. */
export type ReturnedAuthorization = {
  authorization: AuthorizationRecord
  /** The API key that requested it, if one did and is still stored. */
  requester: ApiKeyRecord | null
  /** The current grant of the email account that it reconnects at once, or null. */
  oldGrant: GrantRecord | null
  /** Returns the PKCE verifier, or null once it was consumed. Throws KeyMissing. */
  openVerifier: () => Promise<string | null>
}

/** The redirect to Microsoft as it is stored. Each start replaces the one before. */
export type SignInStart = SignInParameters & {
  state: string
  /** Secret of the browser that starts it. */
  browser: string
  /** PKCE code verifier (RFC 7636). */
  verifier: string
  expiresAt: Date
}

/** Admin-consent links of a customer that can be open. */
export const CONSENTS_PER_CUSTOMER = 20

/** A link with which a tenant admin consents to the app. It can be reused until it has succeeded. */
export type AdminConsentRecord = {
  id: string
  customer: string | null
  tenant: string
  resource: Resource
  authorizationId: string | null
  createdAt: Date
  expiresAt: Date
  succeededAt: Date | null
}
