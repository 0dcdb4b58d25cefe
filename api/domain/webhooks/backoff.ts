/** How long a message waits that was not taken. Pure. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../schema/durations.ts'
import type { Random } from '../secrets.ts'

/** After each failed attempt; after the last one the message is given up: three days in all. */
const WAITS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  DAY_MS,
]
/** However long a receiver asks for. */
export const MAX_WAIT_MS = DAY_MS
/** Up to so much longer by chance: what failed at one moment does not come back at one moment. */
const SPREAD = 0.1

/**
 * Milliseconds, or null when the message is given up. `failures`: those before this one; `retryAfter`:
 * the seconds that the receiver asked for.
 */
export function waitAfter(
  failures: number,
  retryAfter: number | null,
  random: Random,
): number | null {
  const wait = WAITS_MS[failures]
  if (wait === undefined) return null
  const [chance = 0] = random(1)
  const asked = Math.min((retryAfter ?? 0) * 1000, MAX_WAIT_MS)
  return Math.round(Math.max(wait, asked) * (1 + (SPREAD * chance) / 255))
}
