/** A D1 that remembers every statement it ran, those of batches one by one. */
import { env } from 'cloudflare:workers'

export type Ran = { sql: string; values: unknown[] }

const RUNS = ['all', 'first', 'raw', 'run']

export function recordingDatabase() {
  const ran: Ran[] = []
  const real = new WeakMap<object, { statement: D1PreparedStatement; ran: Ran }>()

  function watch(statement: D1PreparedStatement, one: Ran): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        if (name === 'bind') {
          return (...values: unknown[]) => watch(target.bind(...values), { ...one, values })
        }
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          if (RUNS.includes(String(name))) ran.push(one)
          return value.apply(target, given) as unknown
        }
      },
    })
    real.set(proxy, { statement, ran: one })
    return proxy
  }

  const db = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => watch(target.prepare(sql), { sql, values: [] })
      }
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          const known = statements.map((statement) => real.get(statement))
          for (const one of known) if (one) ran.push(one.ran)
          return target.batch(known.flatMap((one) => (one ? [one.statement] : [])))
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { db, ran }
}

/** How SQLite goes about it, one line per step. */
export async function planOf({ sql, values }: Ran): Promise<string[]> {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}
