/** Rate limits per minute, counted in memory: the same as wrangler.toml has for the Worker. */
import { MINUTE_MS } from '../../schema/durations.ts'
import type { RateName } from '../services.ts'

/** Calls per minute. */
const LIMITS: Record<RateName, number> = {
  failed_authentication: 30,
  authorizations: 300,
  validations: 300,
}

/** Returns a counter in fixed windows of a minute. */
export function createRateCounters(now: () => Date) {
  let window = 0
  let counts = new Map<string, number>()
  return async (name: RateName, key: string): Promise<boolean> => {
    const current = Math.floor(now().getTime() / MINUTE_MS)
    if (current !== window) {
      window = current
      counts = new Map()
    }
    const id = `${name} ${key}`
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return count <= LIMITS[name]
  }
}
