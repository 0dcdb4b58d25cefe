/** When a stored time has come, in spite of a clock that was wrong when it was stored. */
import { MINUTE_MS } from '../../schema/durations.ts'

/** Difference between the clocks of two isolates, at most. */
export const CLOCK_DIFFERENCE_MS = MINUTE_MS

/**
 * Returns whether a time has come. `longestMs`: the longest that its rule lets it lie ahead. A time further ahead was
 * stored before the clock was put back, and has come too: it would pause the work for as long as the clock was wrong.
 */
export const isDue = (at: Date, now: Date, longestMs: number): boolean =>
  at <= now || at.getTime() - now.getTime() > longestMs + CLOCK_DIFFERENCE_MS
