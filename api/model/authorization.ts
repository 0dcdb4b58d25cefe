/** A sign-in from the link that starts it until its outcome, and the link for an admin's consent. */
import type { adminConsents, authorizations } from '../../schema/d1/tables.ts'
import type { ApiKeyRecord } from './access.ts'
import type { GrantRecord, WholeGrant } from './grant.ts'

type Row = typeof authorizations.$inferSelect

export type NewAuthorization = Pick<
  Row,
  | 'id'
  | 'customer'
  | 'username'
  | 'delegate'
  | 'protocols'
  | 'origin'
  | 'returnUrl'
  | 'mailAccountId'
  | 'apply'
  | 'sent'
  | 'requestedBy'
  | 'requestedByPerson'
  | 'createdAt'
  | 'expiresAt'
>

/** The stored status of an expired authorization is still `pending`. */
export type AuthorizationRecord = NewAuthorization &
  Pick<
    Row,
    | 'status'
    | 'startedAt'
    | 'signIn'
    | 'consumedAt'
    | 'endedAt'
    | 'mismatch'
    | 'grantId'
    | 'problem'
  > & {
    /**
     * Returns whether this is the secret of its link, of its status URL or of the browser that started it. False as well
     * if what the authorization was created with was not written by Mailgrant.
     */
    proves: (secret: 'link' | 'status' | 'browser', text: string) => boolean
    /** Returns the links for an admin that were created for this sign-in, one for each resource. Throws KeyMissing. */
    openAdminLinks: () => Promise<string[]>
  }

export type SignInParameters = NonNullable<Row['signIn']>

/** An authorization with the parameters of its latest start. */
export type StartedAuthorization = AuthorizationRecord & {
  signIn: SignInParameters
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
export type AdminConsentRecord = Omit<typeof adminConsents.$inferSelect, 'stateHash'>
