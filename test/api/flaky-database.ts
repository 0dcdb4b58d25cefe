/** A D1 that fails as D1 does: before a statement is run, or after it was applied. */
import { env } from 'cloudflare:workers'

const failure = () => new Error('D1_ERROR: Network connection lost.')

export type Weather = {
  /** So many batches are refused before anything is run. */
  refuse: number
  /** So many batches are applied, and their answer is lost. */
  lose: number
  /** Nothing is answered at all. */
  down: boolean
  /** Batches that were tried. */
  batches: number
  /** What somebody else does just before a batch is run. */
  before?: () => Promise<void>
}

export function flakyDatabase() {
  const weather: Weather = { refuse: 0, lose: 0, down: false, batches: 0 }
  const db = new Proxy(env.DB, {
    get(target, name) {
      if (weather.down) throw failure()
      if (name !== 'batch') {
        const value = Reflect.get(target, name, target) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      }
      return async (statements: D1PreparedStatement[]) => {
        weather.batches += 1
        await weather.before?.()
        if (weather.refuse > 0) {
          weather.refuse -= 1
          throw failure()
        }
        const results = await target.batch(statements)
        if (weather.lose > 0) {
          weather.lose -= 1
          throw failure()
        }
        return results
      }
    },
  })
  return { db, weather }
}
