/** The decisions of the refresh protocol, apart from its I/O. Times in milliseconds. */

import type { TokenFailure } from '../../model/failure.ts'
import type { GrantRecord } from '../../model/grant.ts'

const MINUTE = 60_000
/** What a mail worker is promised to have left. */
const MARGIN = 5 * MINUTE
/** A server's refusal of a fresh token is no reason to ask for another one at once. */
const REJECTED_PAUSE = MINUTE
/** Expiries this close are the same: many clients keep whole seconds. */
const SAME = 1000
const FIRST_RETRY = 30_000
const LAST_RETRY = 60 * MINUTE
const BLOCKED_RETRY = 24 * 60 * MINUTE

/** What tells how good a stored token is, whoever it belongs to. */
type TokenTimes = Pick<GrantRecord, 'accessTokenExpiresAt' | 'refreshedAt'>

/** Whether the stored token serves: at least 5 minutes left, or half its life when it lives short. */
export function isFresh(token: TokenTimes, now: Date): boolean {
  const { accessTokenExpiresAt: expires, refreshedAt: issued } = token
  if (!expires) return false
  const life = issued ? expires.getTime() - issued.getTime() : Number.POSITIVE_INFINITY
  return expires.getTime() - now.getTime() >= Math.min(MARGIN, life / 2)
}

export const isValid = (token: TokenTimes, now: Date): boolean =>
  token.accessTokenExpiresAt !== null && token.accessTokenExpiresAt > now

/** Whether the token that a mail server refused is still the stored one, and old enough to replace. */
export const mustReplace = (token: TokenTimes, rejected: Date | null, now: Date): boolean =>
  rejected !== null &&
  token.accessTokenExpiresAt !== null &&
  Math.abs(token.accessTokenExpiresAt.getTime() - rejected.getTime()) < SAME &&
  now.getTime() - (token.refreshedAt?.getTime() ?? 0) >= REJECTED_PAUSE

/** 30 s, doubled with every failure in a row, an hour at most; or what Microsoft asked for. */
export function coolDownUntil(failures: number, retryAfter: number | null, now: Date): Date {
  const wait = Math.min(FIRST_RETRY * 2 ** Math.min(failures, 20), LAST_RETRY)
  return new Date(now.getTime() + Math.max(wait, (retryAfter ?? 0) * 1000))
}

const blockedUntil = (now: Date): Date => new Date(now.getTime() + BLOCKED_RETRY)

/** Whole seconds until a retry, 1 at least: the value of Retry-After. */
export const secondsUntil = (when: Date | null, now: Date): number =>
  Math.max(1, Math.ceil(((when?.getTime() ?? 0) - now.getTime()) / 1000))

const STATE_AFTER = {
  cool_down: 'cooling_down',
  reconnect: 'reconnect_required',
  block: 'blocked',
} as const

export type FailureEffect = keyof typeof STATE_AFTER

/** What a failed refresh makes of the grant. An outage never becomes `reconnect_required`. */
export function toGrantFailure<Effect extends FailureEffect>(
  effect: Effect,
  grant: Pick<GrantRecord, 'failures'>,
  { detail, facts }: Pick<TokenFailure, 'detail' | 'facts'>,
  retryAfter: number | null,
  now: Date,
): TokenFailure<(typeof STATE_AFTER)[Effect]> {
  const { code, retryAt } = {
    cool_down: {
      code: 'provider_unavailable',
      retryAt: coolDownUntil(grant.failures, retryAfter, now),
    },
    reconnect: { code: 'reconnect_required', retryAt: null },
    block: { code: 'grant_blocked', retryAt: blockedUntil(now) },
  }[effect]
  return { state: STATE_AFTER[effect], code, detail, facts, retryAt }
}
