/** State of a token that Entra issues, and its last failure: the same for grants and app-only tokens. */
import type { FailureFacts } from '../../schema/failure.ts'
import type { TokenRequestOutcome } from '../../schema/history.ts'
import type { TokenProblemCode } from '../../schema/problem.ts'

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
