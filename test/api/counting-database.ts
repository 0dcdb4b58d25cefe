/** A D1 that counts round trips: one per statement run, one per batch. */
import { env } from 'cloudflare:workers'

const RUNS = ['all', 'raw', 'run', 'first']

export function countingDatabase() {
  const trips = { count: 0 }
  const real = new WeakMap<object, D1PreparedStatement>()

  const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (RUNS.includes(String(name))) trips.count += 1
          const result = value.apply(target, args) as unknown
          return name === 'bind' ? counted(result as D1PreparedStatement) : result
        }
      },
    })
    real.set(proxy, statement)
    return proxy
  }

  const db = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare') return (text: string) => counted(target.prepare(text))
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          trips.count += 1
          return target.batch(statements.map((statement) => real.get(statement) ?? statement))
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
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
