/**
 * A D1 whose calls fail as D1's do: before anything was applied, or after it with the answer lost. A
 * call is one round trip: a statement that is run, or a batch, which is one transaction.
 */

/** `before`: nothing was applied. `after`: everything was, and only the answer is lost. */
export type Moment = 'before' | 'after'

/**
 * Texts that workerd's binding throws. A lost connection has no prefix in the shipped workerd; the
 * others are in Cloudflare's list of errors (https://developers.cloudflare.com/d1/observability/debug-d1/).
 */
export const D1_MESSAGES = {
  bare: 'Network connection lost.',
  prefixed: 'D1_ERROR: Network connection lost.',
  reset: 'Internal error in D1 DB storage caused object to be reset.',
} as const

export type D1Fault = {
  moment: Moment
  message: string
  /** The first call that fails, counted from 1 since the fault was set. */
  call: number
  /** Number of calls in a row that fail; 1 if left out. */
  calls?: number
}

const RUNS: readonly string[] = [
  'all',
  'first',
  'raw',
  'run',
] satisfies (keyof D1PreparedStatement)[]

/** Wraps a database. Without a fault it counts calls and changes nothing. */
export function faultyD1(real: D1Database) {
  let fault: D1Fault | null = null
  let failed = 0
  const calls: string[] = []
  const wrapped = new WeakMap<object, { statement: D1PreparedStatement; sql: string }>()

  async function run<Answer>(sql: string, work: () => Promise<Answer>): Promise<Answer> {
    calls.push(sql)
    const { call, calls: count = 1, moment, message } = fault ?? { call: 0, calls: 0 }
    if (calls.length < call || calls.length >= call + count) return work()
    failed += 1
    if (moment === 'after') await work()
    throw new Error(message)
  }

  function wrap(statement: D1PreparedStatement, sql: string): D1PreparedStatement {
    const proxy = new Proxy(statement, {
      get(target, name) {
        if (name === 'bind') {
          return (...values: unknown[]) => wrap(target.bind(...values), sql)
        }
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        const method = value.bind(target) as (...args: unknown[]) => Promise<unknown>
        if (!RUNS.includes(String(name))) return method
        return (...args: unknown[]) => run(sql, () => method(...args))
      },
    })
    wrapped.set(proxy, { statement, sql })
    return proxy
  }

  const db = new Proxy(real, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => wrap(target.prepare(sql), sql)
      if (name === 'exec') return (sql: string) => run(sql, () => target.exec(sql))
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          const known = statements.flatMap((statement) => wrapped.get(statement) ?? [])
          const sql = known.map((one) => one.sql).join('; ')
          return run(sql, () => target.batch(known.map((one) => one.statement)))
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

  return {
    db,
    /** Sets what fails from now on, null for nothing, and counts from 1 again. */
    set(next: D1Fault | null): void {
      fault = next
      failed = 0
      calls.length = 0
    },
    /** SQL of the calls since the last `set`. */
    calls: calls as readonly string[],
    /** Number of calls that failed since the last `set`. */
    failed: () => failed,
  }
}

export type FaultyD1 = ReturnType<typeof faultyD1>
