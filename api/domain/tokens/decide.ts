/** Decisions of the token engine: pure functions of a token's state and the time. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { isUnissued, type TokenFailure, type TokenState } from '../../model/grant.ts'
import { isDue } from '../../model/operations.ts'
import type { TokenRefusal, TokenRefusalCode } from '../../model/reason.ts'
import { refuseToken } from '../../model/result.ts'
import { SUSPECTED } from '../failures/facts.ts'
import type { FailureEffect } from '../failures/failures.ts'

/** Remaining lifetime that a mail worker can rely on. */
const MARGIN_MS = 5 * MINUTE_MS
/** A mail server's refusal of a token this young does not justify another one. */
const REJECTED_PAUSE_MS = MINUTE_MS
/** Expiries this close count as equal, since many clients keep whole seconds. */
const EXPIRY_TOLERANCE_MS = SECOND_MS
const FIRST_RETRY_MS = 30 * SECOND_MS
const LAST_RETRY_MS = HOUR_MS
/** First pause of a blocked token. It doubles with every refusal in a row, up to the last one. */
const BLOCKED_RETRY_MS = 5 * MINUTE_MS
const LAST_BLOCKED_RETRY_MS = 4 * HOUR_MS
/**
 * Longest Retry-After during an outage. Its end brings the retry forward, so a caller that waited for the stored time
 * would be without a token for up to an hour more.
 */
const OUTAGE_RETRY_AFTER_S = 300
/** A call may ask for a token out of turn once in this time. */
const ASK_PAUSE_MS = MINUTE_MS

type TokenTimes = Pick<TokenState, 'accessTokenExpiresAt' | 'refreshedAt'>

/** A caller's request for a token. */
export type Demand = {
  /** Expiry of the token that a mail server refused. */
  rejected: Date | null
  /** True when the stored token must not be used, although it is valid. */
  outdated?: boolean
  /** True for a request to ask Entra now, regardless of state and retry time. */
  atOnce?: boolean
}

/** Decides between the stored token, a refusal without asking Entra, and asking. */
export function decide(
  token: TokenState,
  demand: Demand,
  now: Date,
): 'use_stored' | 'refuse' | 'ask' {
  if (demand.atOnce) return 'ask'
  if (token.state === 'reconnect_required') return 'refuse'
  const waiting = isWaiting(token, now)
  // A blocked token is never used, even a fresh one, since it may no longer open anything.
  if (token.state === 'blocked') return waiting ? 'refuse' : 'ask'
  const replaced = isReplaced(token, demand, now)
  if (isFresh(token, now) && !replaced) return 'use_stored'
  if (token.state === 'active' || !waiting) return 'ask'
  return isValid(token, now) && !replaced ? 'use_stored' : 'refuse'
}

/** Returns true while the pause after the last failure lasts. */
function isWaiting({ retryAt, failedAt }: TokenState, now: Date): boolean {
  if (!retryAt) return false
  const pauseMs = failedAt ? retryAt.getTime() - failedAt.getTime() : LAST_BLOCKED_RETRY_MS
  return !isDue(retryAt, now, pauseMs)
}

/** Refusals that pass without a change to the token. */
const TEMPORARY: readonly TokenRefusalCode[] = ['provider_unavailable', 'credential_rejected']

/** Returns whether the stored token bridges an outage that refused a new one with this code. */
export const isBridged = (
  code: TokenRefusalCode,
  token: TokenState,
  demand: Demand,
  now: Date,
): boolean =>
  TEMPORARY.includes(code) &&
  token.state !== 'blocked' &&
  isValid(token, now) &&
  !isReplaced(token, demand, now)

/**
 * Returns true if the stored token is good for a login, which means that it has 5 minutes left, or half of a short
 * lifetime. A token from the future is not good, since the clock was ahead when it was issued, so that it expires
 * earlier than stored.
 */
export function isFresh(token: TokenTimes, now: Date): boolean {
  const { accessTokenExpiresAt: expires, refreshedAt: issued } = token
  if (!expires || (issued && issued.getTime() - now.getTime() > MARGIN_MS)) return false
  const lifetime = issued ? expires.getTime() - issued.getTime() : Number.POSITIVE_INFINITY
  return expires.getTime() - now.getTime() >= Math.min(MARGIN_MS, lifetime / 2)
}

export const isValid = (token: TokenTimes, now: Date): boolean =>
  token.accessTokenExpiresAt !== null && token.accessTokenExpiresAt > now

/** Returns the whole seconds for which a token is valid, never more than when it was issued. */
export function remainingSeconds(
  { accessTokenExpiresAt: expires, refreshedAt: issued }: TokenTimes,
  now: Date,
): number {
  const start = issued && issued > now ? issued : now
  return Math.max(0, Math.floor(((expires?.getTime() ?? 0) - start.getTime()) / 1000))
}

/** Returns whether a mail server refused the stored token, and it is old enough to be replaced. */
export const mustReplace = (token: TokenTimes, rejected: Date | null, now: Date): boolean =>
  isRejected(token, rejected) && isReplaceable(token, now)

/** Returns seconds until a refused token can be replaced; null unless it is the stored one and too young. */
export const replaceableIn = (
  token: TokenTimes,
  rejected: Date | null,
  now: Date,
): number | null =>
  isRejected(token, rejected) && !isReplaceable(token, now)
    ? secondsUntil(replaceableAt(token), now)
    : null

const isRejected = ({ accessTokenExpiresAt: expires }: TokenTimes, rejected: Date | null) =>
  rejected !== null &&
  expires !== null &&
  Math.abs(expires.getTime() - rejected.getTime()) < EXPIRY_TOLERANCE_MS

const replaceableAt = ({ refreshedAt }: TokenTimes): Date =>
  new Date((refreshedAt?.getTime() ?? 0) + REJECTED_PAUSE_MS)

const isReplaceable = (token: TokenTimes, now: Date): boolean =>
  isDue(replaceableAt(token), now, REJECTED_PAUSE_MS)

const isReplaced = (token: TokenState, { outdated, rejected }: Demand, now: Date): boolean =>
  outdated === true || mustReplace(token, rejected, now)

/**
 * Returns the end of a pause that doubles from 30 s with every failure in a row, up to an hour. It is at least as long
 * as Microsoft asked for.
 */
export function coolDownUntil(failures: number, retryAfter: number | null, now: Date): Date {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 20), LAST_RETRY_MS)
  return new Date(now.getTime() + Math.max(wait, (retryAfter ?? 0) * 1000))
}

/**
 * Returns the end of twice the last pause. Starts over after an attempt on request, since a repair may be under way.
 */
function blockedUntil(
  { state, failedAt, retryAt }: TokenState,
  requested: boolean,
  now: Date,
): Date {
  const last =
    state === 'blocked' && !requested && failedAt && retryAt
      ? retryAt.getTime() - failedAt.getTime()
      : 0
  const wait = Math.min(Math.max(2 * last, BLOCKED_RETRY_MS), LAST_BLOCKED_RETRY_MS)
  return new Date(now.getTime() + wait)
}

/** Returns the time from which a call may ask out of turn again, or null if it may ask now. */
export function askableAt({ refreshedAt, failedAt }: TokenState, now: Date): Date | null {
  const last = Math.max(refreshedAt?.getTime() ?? 0, failedAt?.getTime() ?? 0)
  const at = new Date(last + ASK_PAUSE_MS)
  return isDue(at, now, ASK_PAUSE_MS) ? null : at
}

/** Returns true if a validation on request asks Entra instead of repeating a stored verdict. */
export const isWorthAsking = (token: TokenState, now: Date): boolean =>
  (token.state === 'blocked' || token.state === 'cooling_down') && askableAt(token, now) === null

/** Returns whole seconds until a retry, at least 1: the value of Retry-After. */
export const secondsUntil = (when: Date | null, now: Date): number =>
  Math.max(1, Math.ceil(((when?.getTime() ?? 0) - now.getTime()) / 1000))

export const UNAVAILABLE = 'Microsoft is currently unavailable. Mailgrant retries automatically.'

const DEFAULT_DETAIL = {
  active: UNAVAILABLE,
  cooling_down: UNAVAILABLE,
  reconnect_required: 'Sign in again to reconnect.',
  blocked: 'An administrator must act.',
} as const

/** Returns the refusal of a token in this state. A token without a failure counts as unavailable. */
export function refusalOf(
  {
    state,
    problem,
    retryAt,
  }: Pick<TokenState, 'state' | 'retryAt'> & {
    problem: Pick<NonNullable<TokenState['problem']>, 'detail' | 'facts'> | null
  },
  now: Date,
): { ok: false; error: TokenRefusal } {
  const detail = problem?.detail ?? DEFAULT_DETAIL[state]
  const facts = problem?.facts ?? null
  if (state === 'reconnect_required') return refuseToken('reconnect_required', detail, { facts })
  if (state === 'blocked') return refuseToken('grant_blocked', detail, { facts })
  return refuseToken('provider_unavailable', detail, {
    facts,
    retryAfter: Math.min(
      secondsUntil(retryAt, now),
      endsWithOutage(facts) ? OUTAGE_RETRY_AFTER_S : Number.POSITIVE_INFINITY,
    ),
  })
}

/** Returns whether the end of an outage brings the retry forward (`endOutagePauses` is the same rule). */
const endsWithOutage = (facts: FailureFacts | null) =>
  facts !== null && ['unreachable', 'timeout', 'unavailable', 'malformed'].includes(facts.kind)

/**
 * Returns the failure of an attempt. An outage never becomes `reconnect_required`. `requested`: someone
 * asked for this attempt out of turn. `retryAfter`: seconds.
 */
export function toTokenFailure(
  effect: Exclude<FailureEffect, 'credential_rejected'>,
  token: TokenState,
  evidence: Pick<TokenFailure, 'detail' | 'claimsChallenge'> & { facts: FailureFacts },
  { retryAfter, requested }: { retryAfter: number | null; requested: boolean },
  now: Date,
): TokenFailure {
  const verdicts: Record<typeof effect, Pick<TokenFailure, 'state' | 'code' | 'retryAt'>> = {
    cool_down: {
      state: 'cooling_down',
      code: evidence.facts.unconfirmed ? SUSPECTED : 'provider_unavailable',
      retryAt: coolDownUntil(token.failures, retryAfter, now),
    },
    reconnect: { state: 'reconnect_required', code: 'reconnect_required', retryAt: null },
    block: {
      state: 'blocked',
      code: 'grant_blocked',
      retryAt: blockedUntil(token, requested, now),
    },
  }
  return { ...verdicts[effect], ...evidence }
}

/**
 * Returns the failure to store. A response that says nothing about this grant leaves an earlier verdict as
 * it was, so that a short outage is not announced as one change of state, and its end as another.
 */
export function withStandingVerdict(
  failure: TokenFailure,
  { state, refreshedAt, problem }: TokenState,
  now: Date,
): TokenFailure {
  // A token that was never issued needs a sign-in, whatever Microsoft says to those who try without one.
  if (isUnissued({ state, refreshedAt })) {
    return { ...failure, state: 'reconnect_required', code: 'reconnect_required', retryAt: null }
  }
  const decided = state === 'blocked' || state === 'reconnect_required'
  const saysNothing = failure.state === 'cooling_down' && failure.code !== SUSPECTED
  if (!decided || !problem || !saysNothing) return failure
  const { code, detail, facts } = problem
  const pause = Math.max(failure.retryAt?.getTime() ?? 0, now.getTime() + BLOCKED_RETRY_MS)
  const retryAt = state === 'blocked' ? new Date(pause) : null
  return { ...failure, state, code, detail, facts, retryAt }
}
