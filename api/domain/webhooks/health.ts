/** Pauses of a whole endpoint, as long as it asked for with `Retry-After`, and while it keeps failing. Pure. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import { isDue } from '../../model/operations.ts'
import { type EndpointHealth, MAX_BACKOFF_MS, MAX_RETRY_AFTER_MS } from '../../model/webhook.ts'
import type { Random } from '../secrets.ts'
import type { SendResult } from './send.ts'

/** Failures in a row that pause an endpoint. A few bad responses do not. */
const MAX_FAILURES = 10
/** Failures in a row if the last one was a timeout, since each timeout occupies a connection for 15 seconds. */
const MAX_FAILURES_WITH_TIMEOUT = 4
/** The pause is as long as the endpoint has been failing, from this to MAX_BACKOFF_MS. */
const MIN_PAUSE_MS = MINUTE_MS
/** Time for which an endpoint may fail before messages that were due all that time are given up. */
export const GIVE_UP_MS = 3 * DAY_MS

export const HEALTHY: EndpointHealth = {
  failures: 0,
  failingSince: null,
  backoffUntil: null,
  retryAfter: null,
}

/** Returns the health of the endpoint after one more request. */
export function healthAfter(health: EndpointHealth, result: SendResult, now: Date): EndpointHealth {
  if (result.error === null) {
    // Two requests run at a time, so one may succeed after the other was asked to come back later.
    return health.failures === 0 ? health : { ...HEALTHY, retryAfter: health.retryAfter }
  }
  const failures = health.failures + 1
  const failingSince = health.failingSince ?? now
  const limit = result.timedOut ? MAX_FAILURES_WITH_TIMEOUT : MAX_FAILURES
  const failingMs = now.getTime() - failingSince.getTime()
  const pauseMs = Math.min(Math.max(failingMs, MIN_PAUSE_MS), MAX_BACKOFF_MS)
  return {
    failures,
    failingSince,
    backoffUntil: isSuspect(health) || failures >= limit ? later(now, pauseMs) : null,
    retryAfter: result.retryAfter ? later(now, result.retryAfter * SECOND_MS) : health.retryAfter,
  }
}

/** Returns true if the endpoint was paused and has accepted nothing since. It gets one request at a time. */
export const isSuspect = ({ backoffUntil }: EndpointHealth): boolean => backoffUntil !== null

/** Returns the end of the pause, or null when messages are sent. */
export function pausedUntil({ backoffUntil, retryAfter }: EndpointHealth, now: Date): Date | null {
  const backoff = backoffUntil && !isDue(backoffUntil, now, MAX_BACKOFF_MS) ? backoffUntil : null
  const asked = retryAfter && !isDue(retryAfter, now, MAX_RETRY_AFTER_MS) ? retryAfter : null
  return backoff && asked && asked < backoff ? backoff : (asked ?? backoff)
}

const later = (now: Date, ms: number) => new Date(now.getTime() + ms)

/** Delay after each failed attempt, three days in all. Even if every third attempt fails, no message is lost. */
const DELAYS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  6 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
  12 * HOUR_MS,
]
/** Attempts to send a message. */
export const ATTEMPTS = DELAYS_MS.length + 1
/** Longest random extension of a delay, as a fraction, so that messages are not retried together. */
const JITTER = 0.1

/**
 * Returns the delay in milliseconds, or null to give the message up. `failures`: earlier failed
 * attempts; `retryAfter`: seconds that the receiver asked for.
 */
export function retryDelay(failures: number, retryAfter: number | null, random: Random) {
  const delay = DELAYS_MS[failures]
  if (delay === undefined) return null
  const [chance = 0] = random(1)
  const requested = Math.min((retryAfter ?? 0) * SECOND_MS, MAX_RETRY_AFTER_MS)
  return Math.round(Math.max(delay, requested) * (1 + (JITTER * chance) / 255))
}
