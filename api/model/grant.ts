/** Tokens that Entra issues: those of a person's sign-in (grants), those of the app itself, their failures, and the lease under which one is refreshed. */

import { SECOND_MS } from '../../schema/durations.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { TokenRequestOutcome } from '../../schema/history.ts'
import type { AccountType, Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { TokenProblemCode } from '../../schema/problem.ts'
import type { IntegrationWithCredentials } from './integration.ts'

// State of a token that Entra issues, and its last failure: the same for grants and app-only tokens.

export type GrantState = 'active' | 'cooling_down' | 'reconnect_required' | 'blocked'

/** The fields by which the token engine decides. */
export type TokenState = {
  state: GrantState
  accessTokenExpiresAt: Date | null
  /** Time of issue of the stored access token. */
  refreshedAt: Date | null
  /** Fences every write of tokens and state. */
  version: number
  /** Failures in a row. */
  failures: number
  retryAt: Date | null
  /** Time of the last attempt that failed. */
  failedAt: Date | null
  problem: TokenProblem | null
}

export type TokenProblem = {
  code: TokenProblemCode
  detail: string
  since: Date
  /** Null unless Microsoft refused. */
  facts: FailureFacts | null
}

/** A failure as it is stored. */
export type TokenFailure = {
  state: Exclude<GrantState, 'active'>
  code: TokenProblemCode
  detail: string
  /** Null unless Microsoft refused. */
  facts: FailureFacts | null
  retryAt: Date | null
  /** JSON that the next sign-in passes on to Microsoft. Null when it named none; an earlier one is then kept. */
  claimsChallenge: string | null
}

/** A request to Microsoft's token endpoint, to be counted. */
export type TokenRequest = { at: Date; outcome: TokenRequestOutcome }

/** The stored access token, opened only on request: null when it is missing or damaged. Throws KeyMissing. */
export type StoredAccessToken = { openAccessToken: () => Promise<string | null> }

/** Returns when Entra was last asked for this token; null if never. */
export function lastAskedAt({
  refreshedAt,
  failedAt,
}: Pick<TokenState, 'refreshedAt' | 'failedAt'>): Date | null {
  if (!refreshedAt || !failedAt) return refreshedAt ?? failedAt
  return refreshedAt > failedAt ? refreshedAt : failedAt
}

export type GrantRecord = TokenState & {
  id: string
  customer: string | null
  /** Null until a saved mail account names it. */
  savedAt: Date | null
  /** Expiry of an unsaved grant. */
  expiresAt: Date | null
  /** Id of the API key or person that alone may validate and save it while it is unsaved; null if others may, too. */
  reservedFor: string | null
  createdAt: Date
  clientId: string
  cloud: Cloud
  tenantId: string
  objectId: string
  accountType: AccountType
  signedInAs: string
  scopes: string[]
  protocols: Protocol[]
}

export type GrantWithToken = GrantRecord & StoredAccessToken

export type NewTokens = {
  accessToken: string
  accessTokenExpiresAt: Date
  /** Null when Entra sent none: the one in use remains valid. */
  refreshToken: string | null
}

/**
 * JSON that every sign-in for the grant must pass on to Entra until a token is issued, and the app that it was given to. Without it,
 * a person signs in without MFA and is refused again. It comes from the token endpoint only, since a callback could be
 * forged. The capability `cp1` is not declared: its tokens live for up to 28 hours, and IMAP cannot pass on a challenge.
 */
export type ClaimsChallenge = Pick<GrantRecord, 'clientId' | 'cloud'> & { claims: string }

/** How long a grant is kept that no mail account uses, and for whom. */
export type UnsavedUntil = { expiresAt: Date; reservedFor: string | null }

/** A consent that was just given. The store sets its state and times. */
export type NewGrant = Pick<
  GrantRecord,
  | 'id'
  | 'customer'
  | 'clientId'
  | 'cloud'
  | 'tenantId'
  | 'objectId'
  | 'accountType'
  | 'signedInAs'
  | 'scopes'
  | 'protocols'
> & { tokens: NewTokens & { refreshToken: string } }

/** Returns the state of the grant for accounts of this protocol: `blocked` if Microsoft no longer grants it. */
export const stateForProtocol = (
  { state, protocols }: Pick<GrantRecord, 'state' | 'protocols'>,
  protocol: Protocol,
): GrantRecord['state'] =>
  (state === 'active' || state === 'cooling_down') && !protocols.includes(protocol)
    ? 'blocked'
    : state

/** Returns whether an unsaved grant is past its hour, though not deleted yet. */
export const isGone = (grant: GrantRecord, now: Date): boolean =>
  grant.savedAt === null && grant.expiresAt !== null && grant.expiresAt <= now

/** The app and the tenant of a token. Another app or cloud has tokens of its own. */
export type AppTokenKey = { clientId: string; cloud: Cloud; tenant: string }

export type AppTokenRecord = AppTokenKey &
  TokenState & {
    id: string
    /** No person can sign in again here, so there is no `reconnect_required`. */
    state: 'active' | 'cooling_down' | 'blocked'
  }

/** Returns the id of the token's row. */
export const appTokenId = ({ clientId, cloud, tenant }: AppTokenKey): string =>
  `${clientId}|${cloud}|${tenant}`

export type AppTokenWithToken = AppTokenRecord & StoredAccessToken

/** Results of other logins with the same token. */
export type AppOnlyHistory = {
  /** The same mailbox over the other protocol. */
  otherProtocol: 'passed' | 'failed' | null
  /** True when another mailbox of the tenant was opened: Exchange knows the app, then. */
  worksElsewhere: boolean
}

/**
 * Short, since the token cannot be refreshed until the lease of a holder that died has expired. A living
 * holder renews it: it stays valid for 7 s at least, which outlasts a failed renewal and the difference
 * between the clocks of two isolates.
 */
export const LEASE_MS = 10 * SECOND_MS

/** `record` is the row as it was at the moment of acquiring; `owner` is unique to this lease. */
export type Lease<
  Leased extends { id: string; version: number } = { id: string; version: number },
> = { record: Leased; owner: string }

/** `isFree`: no lease is running. */
export type RowState = { version: number; isFree: boolean }

/** A lease with the settings as they were when it was acquired: the refresh uses these. */
export type RefreshLease<Leased extends { id: string; version: number }> = Lease<Leased> & {
  settings: IntegrationWithCredentials
}

export type GrantLease = RefreshLease<GrantRecord> & {
  /** Null when it is damaged. */
  refreshToken: string | null
  /** The last one that worked before the current one; null until Entra has rotated it, or when damaged. */
  previousRefreshToken: string | null
}

export type AppTokenLease = RefreshLease<AppTokenRecord>
