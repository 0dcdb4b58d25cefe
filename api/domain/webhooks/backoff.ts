/** How long a message waits that was not taken. Pure. */
import type { Random } from '../secrets.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** After each failed attempt; after the last one the message is given up: three days in all. */
const WAITS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR]
/** However long a receiver asks for. */
export const LONGEST_WAIT = 24 * HOUR
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
  const wait = WAITS[failures]
  if (wait === undefined) return null
  const [chance = 0] = random(1)
  const asked = Math.min((retryAfter ?? 0) * 1000, LONGEST_WAIT)
  return Math.round(Math.max(wait, asked) * (1 + (SPREAD * chance) / 255))
}
