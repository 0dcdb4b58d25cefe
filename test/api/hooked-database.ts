/** A D1 with a hook that runs before each statement, whether alone or in a batch, and may fail it. */
import { env } from 'cloudflare:workers'

const RUNS = ['all', 'first', 'raw', 'run']

export function hookedDatabase(
  beforeRun: (sql: string) => void,
  batch = (statements: D1PreparedStatement[]) => env.DB.batch(statements),
): D1Database {
  const real = new WeakMap<object, { sql: string; statement: D1PreparedStatement }>()

  function hooked(sql: string, statement: D1PreparedStatement): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (name === 'bind') return hooked(sql, target.bind(...args))
          if (RUNS.includes(String(name))) beforeRun(sql)
          return value.apply(target, args) as unknown
        }
      },
    })
    real.set(proxy, { sql, statement })
    return proxy
  }

  return new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => hooked(sql, target.prepare(sql))
      if (name === 'batch') {
        return async (statements: D1PreparedStatement[]) => {
          const unwrapped = statements.flatMap((statement) => real.get(statement) ?? [])
          for (const { sql } of unwrapped) beforeRun(sql)
          return batch(unwrapped.map(({ statement }) => statement))
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
