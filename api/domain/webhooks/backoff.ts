/** Retry delays of undelivered webhook messages. Pure. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import { MAX_RETRY_AFTER_MS } from '../../model/webhook.ts'
import type { Random } from '../secrets.ts'

/**
 * Delay after each failed attempt, three days in all; then the message is given up. Enough attempts
 * that an endpoint that fails at random, even every third time, loses none of 10,000 messages.
 */
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
/** Random extension of a delay, at most: messages that failed together are not retried together. */
const JITTER = 0.1

/**
 * Returns the delay in milliseconds, or null to give the message up. `failures`: earlier failed
 * attempts; `retryAfter`: seconds that the receiver asked for.
 */
export function retryDelay(
  failures: number,
  retryAfter: number | null,
  random: Random,
): number | null {
  const delay = DELAYS_MS[failures]
  if (delay === undefined) return null
  const [chance = 0] = random(1)
  const requested = Math.min((retryAfter ?? 0) * SECOND_MS, MAX_RETRY_AFTER_MS)
  return Math.round(Math.max(delay, requested) * (1 + (JITTER * chance) / 255))
}
