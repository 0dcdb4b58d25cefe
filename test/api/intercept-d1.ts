/** One round trip to D1: a statement that is run, or a batch. */
export type D1Call = {
  statements: SentStatement[]
  isBatch: boolean
  run: () => Promise<unknown>
}
export type SentStatement = { sql: string; values: unknown[] }

const RUNS = ['all', 'first', 'raw', 'run']

/** Wraps a D1 so that each call passes through `intercept`, which may count, record, delay or fail it. */
export function interceptD1(
  real: D1Database,
  intercept: (call: D1Call) => Promise<unknown>,
): D1Database {
  const wrapped = new WeakMap<object, { statement: D1PreparedStatement; sent: SentStatement }>()

  function wrap(statement: D1PreparedStatement, sent: SentStatement): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        if (name === 'bind') {
          return (...values: unknown[]) => wrap(target.bind(...values), { ...sent, values })
        }
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          const run = () => value.apply(target, args) as Promise<unknown>
          if (!RUNS.includes(String(name))) return run()
          return intercept({ statements: [sent], isBatch: false, run })
        }
      },
    })
    wrapped.set(proxy, { statement, sent })
    return proxy
  }

  return new Proxy(real, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => wrap(target.prepare(sql), { sql, values: [] })
      }
      if (name === 'batch') {
        return (batch: D1PreparedStatement[]) => {
          const known = batch.flatMap((statement) => wrapped.get(statement) ?? [])
          return intercept({
            statements: known.map(({ sent }) => sent),
            isBatch: true,
            run: () => target.batch(known.map(({ statement }) => statement)),
          })
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
