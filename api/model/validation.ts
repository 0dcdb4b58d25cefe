/** Checks: validations, each the result of one real login, and test messages. */
import type { validations } from '../../schema/d1/tables.ts'
import type { FailureFacts, GraphFacts } from '../../schema/failure.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import type { ProbeFailure } from '../../schema/probe.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Resource } from '../../schema/protocols.ts'
import type { GrantRecord } from './grant.ts'
import type { MailAccountValues } from './mail-account.ts'

/** The facts behind a validation that did not pass, by the part that found them: input of a diagnosis. */
export type ValidationFailure =
  | { from: 'checker'; probe: ProbeFailure }
  | { from: 'graph'; facts: GraphFacts }
  | { from: 'token'; code: ProblemCode; facts: FailureFacts | null }
  | { from: 'worker'; checker: string; status: number | null }

export type ValidationRecord = typeof validations.$inferSelect & {
  failure: ValidationFailure | null
  facts: LoginFacts | null
}

export type LoginValues = Pick<
  ValidationRecord,
  'fingerprint' | 'mailAccountId' | 'grantId' | 'protocol' | 'host'
>

export type LoginHistory = {
  /** True when a login with these values has passed, as far back as results are stored. */
  workedBefore: boolean
  /** Last result of the other mail protocol with the same grant. */
  otherProtocol: 'passed' | 'failed' | null
}

/** Claims of an access token. They are not verified, so only a diagnosis may use them. */
export type AccessTokenClaims = {
  audience: string | null
  /** Delegated permissions (`scp`) or application roles, space separated. */
  permissions: string | null
  username: string | null
  tenantId: string | null
  appId: string | null
  /** `idtyp: app`: a token of the app itself, without a person. */
  appOnly: boolean
  /** Milliseconds since the epoch. */
  expiresAt: number | null
}

/** The client, cloud and tenant of a sign-in. `resource`: of the requested token, by default Outlook. */
export type AppAtTenant = {
  clientId: string | null
  cloud: Cloud
  tenant: string
  resource?: Resource | undefined
}

/** Circumstances of a login that did not pass, as they were at that moment. Stored as JSON. */
export type LoginFacts = {
  values: Pick<MailAccountValues, 'username' | 'delegate' | 'from' | 'authentication'>
  grant: GrantFacts | null
  /** Set for app-only access. */
  app: AppAtTenant | null
  /** Null where the access token cannot be read. */
  token: AccessTokenClaims | null
  /** Result of a second login with the same token under the name of the person who signed in. */
  delegateLogin: 'ok' | 'failed' | null
  history: DiagnosisHistory | null
}

/** The parts of a grant that a diagnosis uses. */
export type GrantFacts = Pick<
  GrantRecord,
  | 'clientId'
  | 'cloud'
  | 'tenantId'
  | 'accountType'
  | 'signedInAs'
  | 'scopes'
  | 'resource'
  | 'protocols'
>

export type DiagnosisHistory = LoginHistory & {
  /** True when the same app opened another mailbox of the tenant; null for accounts that are not app-only. */
  appWorks: boolean | null
}

/** A test message or a request to the second reader, which counts towards limits. */
export type CountedCall = {
  id: string
  /** Address of the sending mailbox in lower case, whatever it sends through; or the name of the second reader. */
  subject: string
  /** The API key or person. */
  actorId: string
  requestedAt: Date
}

/** The most calls with the same value since a time. */
export type CallLimit = { of: 'subject' | 'actorId'; since: Date; most: number }
