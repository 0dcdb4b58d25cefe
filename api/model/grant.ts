/**
 * Tokens that Entra issues for a person's sign-in (grants) and for the app itself, their failures, and the lease under
 * which one is refreshed.
 */
import type { grants, grantTokens } from '../../schema/d1/tables.ts'
import { SECOND_MS } from '../../schema/durations.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { TokenRequestOutcome } from '../../schema/history.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { TokenProblemCode } from '../../schema/problem.ts'
import { type Resource, resourceOf } from '../../schema/protocols.ts'
import type { IntegrationWithCredentials } from './integration.ts'

// State of a token that Entra issues, and its last failure: the same for grants and app-only tokens.

export type GrantState = 'active' | 'cooling_down' | 'reconnect_required' | 'blocked'

/** The fields from which the token engine decides. */
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
  /** Null after a change of the app in the settings, which no failed request explains. */
  facts: FailureFacts | null
}

/** A failure as it is stored. */
export type TokenFailure = {
  state: Exclude<GrantState, 'active'>
  code: TokenProblemCode
  detail: string
  /** Facts of the failed request; null without one. */
  facts: FailureFacts | null
  retryAt: Date | null
  /**
   * JSON that the next sign-in passes on to Microsoft. Null if there was none, in which case an earlier one is kept.
   */
  claimsChallenge: string | null
}

/** A request to Microsoft's token endpoint, to be counted. */
export type TokenRequest = { at: Date; outcome: TokenRequestOutcome }

/** The stored access token, opened only on request: null when it is missing or damaged. Throws KeyMissing. */
export type StoredAccessToken = { openAccessToken: () => Promise<string | null> }

/** Returns true if a token was never issued and waits for a sign-in. */
export const isUnissued = ({ state, refreshedAt }: Pick<TokenState, 'state' | 'refreshedAt'>) =>
  state === 'reconnect_required' && refreshedAt === null

/** The sign-in itself, without any of its tokens. */
export type GrantIdentity = Pick<
  typeof grants.$inferSelect,
  | 'id'
  | 'customer'
  | 'savedAt'
  | 'expiresAt'
  | 'reservedFor'
  | 'createdAt'
  | 'clientId'
  | 'cloud'
  | 'tenantId'
  | 'objectId'
  | 'accountType'
  | 'signedInAs'
  | 'scopes'
  | 'covered'
>

/** A grant with the access token for one resource, for the accounts that need this token. */
export type GrantRecord = GrantIdentity &
  TokenState &
  Pick<typeof grantTokens.$inferSelect, 'resource' | 'protocols' | 'wider'>

/** The part of a grant that a refresh reads, with the reasons for a refusal. */
export type RefreshableGrant = Omit<
  GrantRecord,
  'savedAt' | 'expiresAt' | 'reservedFor' | 'createdAt' | 'objectId' | 'wider'
>

export type GrantWithToken = GrantRecord & StoredAccessToken

/**
 * A grant with the tokens for all resources that the person has consented to. Its own state is that of the token that
 * works best.
 */
export type WholeGrant = GrantRecord & { resources: GrantRecord[] }

/** State of a token for a resource that the person never consented to. */
const NEVER_GRANTED = {
  state: 'reconnect_required',
  protocols: [] as Protocol[],
  wider: [] as string[],
  accessTokenExpiresAt: null,
  refreshedAt: null,
  failures: 0,
  retryAt: null,
  failedAt: null,
  problem: null,
} as const satisfies Partial<GrantRecord>

/** Returns the grant for a resource that it has no token for. */
export const neverGranted = <Grant extends object>(grant: Grant, resource: Resource) => ({
  ...grant,
  resource,
  ...NEVER_GRANTED,
})

/** Returns the grant with the token that this protocol needs. */
export function forProtocol(grant: WholeGrant, protocol: Protocol): GrantRecord {
  const wanted = resourceOf(protocol)
  const { resources, ...best } = grant
  return resources.find(({ resource }) => resource === wanted) ?? neverGranted(best, wanted)
}

const BEST_FIRST: readonly GrantState[] = [
  'active',
  'cooling_down',
  'blocked',
  'reconnect_required',
]

/**
 * Returns the grant of these tokens, of which there is at least one. If two work equally well, Outlook's counts as the
 * best.
 */
export function wholeGrant(tokens: readonly [GrantRecord, ...GrantRecord[]]): WholeGrant {
  const resources = tokens.toSorted((a, b) => b.resource.localeCompare(a.resource))
  const [best = tokens[0]] = resources.toSorted(
    (a, b) => BEST_FIRST.indexOf(a.state) - BEST_FIRST.indexOf(b.state),
  )
  return { ...best, resources }
}

export type NewTokens = {
  accessToken: string
  accessTokenExpiresAt: Date
  /** Null when Entra sent none: the one in use remains valid. */
  refreshToken: string | null
}

/** Tokens that were issued for a resource. */
export type IssuedTokens = NewTokens & Pick<GrantRecord, 'resource' | 'protocols' | 'wider'>

/**
 * Tokens of a refresh. `used`: the refresh token that worked. `scopes`: those of the grant, with the requested ones.
 */
export type RefreshedTokens = IssuedTokens &
  Pick<GrantRecord, 'scopes'> & { used: 'current' | 'previous' }

/**
 * JSON that every sign-in for the grant must pass on to Entra until a token is issued, and the app that it was given
 * to. Without it, a person would sign in without MFA and be refused again. It is taken from the token endpoint only,
 * since a callback could be forged. The capability `cp1` is not declared, because its tokens live for up to 28 hours
 * and IMAP cannot pass on a challenge.
 */
export type ClaimsChallenge = Pick<GrantRecord, 'clientId' | 'cloud'> & { claims: string }

/** Expiry of a grant that no mail account uses, and the caller for whom it is reserved. */
export type UnsavedUntil = { expiresAt: Date; reservedFor: string | null }

/**
 * A consent that was just given, with the token for `resource`. The store sets its state and times. `protocols`: those
 * that are granted there, and those of another resource in `scopes`, whose token has not been requested yet.
 */
export type NewGrant = Omit<RefreshableGrant, keyof TokenState | 'covered'> &
  Pick<GrantRecord, 'objectId' | 'wider'> & { tokens: NewTokens & { refreshToken: string } }

/** Returns true if an unsaved grant has expired, though it is not deleted yet. */
export const isGone = (grant: GrantRecord, now: Date): boolean =>
  grant.savedAt === null && grant.expiresAt !== null && grant.expiresAt <= now

/** Identity of one of the app's tokens. Every app and cloud has its own. */
export type AppTokenKey = { clientId: string; cloud: Cloud; tenant: string; resource: Resource }

export type AppTokenRecord = AppTokenKey &
  TokenState & {
    id: string
    /** No person can sign in again here, so there is no `reconnect_required`. */
    state: 'active' | 'cooling_down' | 'blocked'
  }

/** Returns the id of the token's row. */
export const appTokenId = ({ clientId, cloud, tenant, resource }: AppTokenKey): string =>
  `${clientId}|${cloud}|${tenant}|${resource}`

/** The app's token without its identity, which its query contains. */
export type IssuedAppToken = Omit<AppTokenRecord, keyof AppTokenKey> & StoredAccessToken

/** Results of other logins with the same token. */
export type AppOnlyHistory = {
  /** Result of the same mailbox over the other protocol. */
  otherProtocol: 'passed' | 'failed' | null
  /** True if another mailbox of the tenant was opened, which shows that Exchange knows the app. */
  worksElsewhere: boolean
}

/**
 * Length of a lease. Short, since the token cannot be refreshed until the lease of a holder that died has expired. A
 * living holder renews it every 3 s, so it stays valid for 7 s at least, despite a failed renewal or clocks that differ
 * by a few seconds.
 */
export const LEASE_MS = 10 * SECOND_MS

/** `record` is the row as it was at the moment of acquiring; `owner` is unique to this lease. */
export type Lease<
  Leased extends { id: string; version: number } = { id: string; version: number },
> = { record: Leased; owner: string }

/** `isFree`: no lease is running. */
export type RowState = { version: number; isFree: boolean }

/** A lease with the settings as they were when it was acquired. The refresh uses these. */
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
