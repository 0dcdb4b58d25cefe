/** The random trials of a run: those that each commit needs, or all with FULL=true. */
import { inject } from 'vitest'
import { seeded } from './seeded.ts'

export const full = inject('full')

/** Start of this run's random trials: different for each commit. The end of the run prints it. */
export const seed = inject('seed')

/** Returns a random tenth of the items, and all of them with FULL=true. */
export function tenthOf<Item>(items: readonly Item[]): Item[] {
  const pick = seeded(seed)
  return items.filter(() => full || pick(10) === 0)
}
