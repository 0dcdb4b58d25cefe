/** A D1 that counts round trips: one per statement run, one per batch. */
import { env } from 'cloudflare:workers'
import { interceptD1 } from './intercept-d1.ts'

export function countingDatabase() {
  const trips = { count: 0 }
  const db = interceptD1(env.DB, ({ run }) => {
    trips.count += 1
    return run()
  })
  return {
    db,
    /** Returns the number of round trips that `work` took. */
    async countTrips(work: () => Promise<unknown>): Promise<number> {
      const before = trips.count
      await work()
      return trips.count - before
    },
  }
}
