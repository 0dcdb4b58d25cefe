/** Rate limits per minute, counted in memory: the same as wrangler.toml has for the Worker. */
import { MINUTE_MS } from '../../schema/durations.ts'
import type { RateName } from '../services.ts'

/** Calls per minute. */
const LIMITS: Record<RateName, number> = {
  failed_authentication: 30,
  authorizations: 300,
  validations: 300,
}

/** Counters per limit and minute, about a megabyte. A client with many IPv6 networks could start any number. */
const MAX_COUNTERS = 10_000
/** Key of the counter that all further ones share. */
const OTHERS = ''

/**
 * Returns a counter in fixed windows of a minute. `now` is monotonic, in milliseconds, since a window of the wall clock
 * would repeat or last too long when the clock is set.
 */
export function createRateCounters(now: () => number = () => performance.now()) {
  const counters = new Map<RateName, Map<string, number>>()
  let window = 0
  return async (name: RateName, key: string): Promise<boolean> => {
    const current = Math.floor(now() / MINUTE_MS)
    if (current !== window) {
      window = current
      counters.clear()
    }
    const counts = counters.get(name) ?? new Map<string, number>()
    counters.set(name, counts)
    const id = counts.has(key) || counts.size < MAX_COUNTERS ? key : OTHERS
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return count <= LIMITS[name]
  }
}
