/** A D1 that records every statement it runs, including each statement of a batch. */
import { env } from 'cloudflare:workers'

export type RecordedStatement = { sql: string; values: unknown[] }

const RUNS = ['all', 'first', 'raw', 'run']

export function recordingDatabase() {
  const statements: RecordedStatement[] = []
  const real = new WeakMap<object, { statement: D1PreparedStatement; record: RecordedStatement }>()

  function watch(statement: D1PreparedStatement, record: RecordedStatement): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        if (name === 'bind') {
          return (...values: unknown[]) => watch(target.bind(...values), { ...record, values })
        }
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (RUNS.includes(String(name))) statements.push(record)
          return value.apply(target, args) as unknown
        }
      },
    })
    real.set(proxy, { statement, record })
    return proxy
  }

  const db = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => watch(target.prepare(sql), { sql, values: [] })
      }
      if (name === 'batch') {
        return (batch: D1PreparedStatement[]) => {
          const watched = batch.map((statement) => real.get(statement))
          for (const one of watched) if (one) statements.push(one.record)
          return target.batch(watched.flatMap((one) => (one ? [one.statement] : [])))
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { db, statements }
}

/** Returns SQLite's query plan, one line per step. */
export async function queryPlan({ sql, values }: RecordedStatement): Promise<string[]> {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}
