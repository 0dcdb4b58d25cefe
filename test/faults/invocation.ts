/**
 * The limits of one invocation on Workers, paid plan, on a simulated clock: six requests wait for response
 * headers and the seventh is queued, which `wrangler dev` does not do; calls to D1 take time and are counted.
 * https://developers.cloudflare.com/workers/platform/limits/ and d1/platform/limits/
 */
import type { VirtualClock } from './virtual-clock.ts'

const LIMITS = { connections: 6, subrequests: 10_000, queries: 1000 }
export const D1_LATENCY_MS = 10

/** Resources that one run used. */
export type Invocation = {
  startedAt: number
  queries: number
  subrequests: number
  /** Most requests at a time to one URL. */
  perEndpoint: number
  /** Most requests at a time, queued ones included. */
  atOnce: number
  ended: boolean
  endedAt: number | null
}

export const newInvocation = (clock: VirtualClock): Invocation => ({
  startedAt: clock.now().getTime(),
  queries: 0,
  subrequests: 0,
  perEndpoint: 0,
  atOnce: 0,
  ended: false,
  endedAt: null,
})

/** Fetch as in production: the seventh request waits, and its timeout runs meanwhile. */
export function limitedFetch(
  clock: VirtualClock,
  invocation: Invocation,
  answer: (request: Request) => Promise<Response>,
): typeof fetch {
  const queue: (() => void)[] = []
  const open = new Map<string, number>()
  let total = 0
  let waiting = 0
  return async (input, init) => {
    const signal = init?.signal
    if (!signal) throw new Error('a request without a timeout')
    const request = new Request(input, init)
    // The request's own signal follows this one, and is another object.
    Object.defineProperty(request, 'signal', { value: signal })
    const { url } = request
    invocation.subrequests += 1
    if (invocation.subrequests > LIMITS.subrequests) throw new Error('Too many subrequests.')
    total += 1
    open.set(url, (open.get(url) ?? 0) + 1)
    invocation.atOnce = Math.max(invocation.atOnce, total)
    invocation.perEndpoint = Math.max(invocation.perEndpoint, open.get(url) ?? 0)
    try {
      if (waiting >= LIMITS.connections) await new Promise<void>((start) => queue.push(start))
      waiting += 1
      try {
        signal.throwIfAborted()
        return await answer(request)
      } finally {
        waiting -= 1
        queue.shift()?.()
      }
    } finally {
      clock.release(signal)
      total -= 1
      open.set(url, (open.get(url) ?? 0) - 1)
    }
  }
}

/** The database as one invocation sees it. Adds the text of each query to `statements`. */
export function limitedDatabase(
  clock: VirtualClock,
  invocation: Invocation,
  d1: D1Database,
  statements: Set<string>,
): D1Database {
  const real = new WeakMap<object, { statement: D1PreparedStatement; sql: string }>()
  const spend = async (queries: readonly string[]) => {
    await clock.sleep(D1_LATENCY_MS)
    invocation.queries += queries.length
    for (const sql of queries) statements.add(sql)
    if (invocation.queries > LIMITS.queries) throw new Error('D1_ERROR: Too many queries.')
  }
  const wrap = (statement: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get: (target, name) => {
        const method = Reflect.get(target, name, target) as (...args: unknown[]) => unknown
        if (name === 'bind') {
          return (...values: unknown[]) => wrap(target.bind(...values), sql)
        }
        return async (...args: unknown[]) => {
          await spend([sql])
          return method.apply(target, args)
        }
      },
    })
    real.set(proxy, { statement, sql })
    return proxy
  }
  return new Proxy(d1, {
    get: (target, name) => {
      if (name === 'prepare') return (sql: string) => wrap(target.prepare(sql), sql)
      if (name !== 'batch') throw new Error(`D1 is used in another way: ${String(name)}`)
      return async (batch: D1PreparedStatement[]) => {
        const found = batch.map((one) => real.get(one)).filter((one) => one !== undefined)
        await spend(found.map(({ sql }) => sql))
        return target.batch(found.map(({ statement }) => statement))
      }
    },
  })
}
