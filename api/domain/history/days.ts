/** Days of histories, UTC. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { Day } from '../../model/event.ts'

export const dayOf = (time: Date): Day => Math.floor(time.getTime() / DAY_MS)

/** Formats a day as `2026-11-26`. */
export const dateOf = (day: Day): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** Returns the last `count` days, oldest first; the last one is that of `now`. */
export const lastDays = (count: number, now: Date): Day[] =>
  Array.from({ length: count }, (_, index) => dayOf(now) - count + 1 + index)
