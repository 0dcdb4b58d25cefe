/**
 * A deployment on Workers on a simulated clock: the real store on node:sqlite, and invocations with the limits of
 * the paid plan. Six requests wait for response headers and the seventh is queued, which `wrangler dev` does not
 * do; calls to D1 take time and are counted.
 * https://developers.cloudflare.com/workers/platform/limits/ and d1/platform/limits/
 */
import { DatabaseSync } from 'node:sqlite'
import { readBindings } from '../../api/env.ts'
import { createD1 } from '../../api/node/d1.ts'
import { createServices, type Services } from '../../api/services.ts'
import { interceptD1 } from '../api/intercept-d1.ts'
import { env } from '../api/node/cloudflare-workers.ts'
import { seeded } from '../seeded.ts'
import { SEED } from './kinds.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

const LIMITS = { connections: 6, subrequests: 10_000, queries: 1000 }
const D1_LATENCY_MS = 10
export const CHECKER_URL = 'https://checker.example.com'
export const CHECKER_KEY = `c1:${Buffer.alloc(32, 3).toString('base64')}`

/** Resources that one run used. */
export type Invocation = {
  startedAt: number
  queries: number
  subrequests: number
  /** Most requests at a time to one URL. */
  perEndpoint: number
  /** Most requests at a time, queued ones included. */
  atOnce: number
  endedAt: number | null
}

const newInvocation = (clock: VirtualClock): Invocation => ({
  startedAt: clock.now().getTime(),
  queries: 0,
  subrequests: 0,
  perEndpoint: 0,
  atOnce: 0,
  endedAt: null,
})

/** Fetch as in production: the seventh request waits, and its timeout runs meanwhile. */
function limitedFetch(
  clock: VirtualClock,
  invocation: Invocation,
  respond: (request: Request) => Promise<Response>,
): typeof fetch {
  const queue: (() => void)[] = []
  const open = new Map<string, number>()
  let total = 0
  let waiting = 0
  return async (input, init) => {
    const signal = init?.signal
    if (!signal) throw new Error('a request without a timeout')
    const request = new Request(input, init)
    // The clock knows only this signal. The request would have another one, which follows it.
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
        return await respond(request)
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
const limitedDatabase = (
  clock: VirtualClock,
  invocation: Invocation,
  d1: D1Database,
  statements: Set<string>,
): D1Database =>
  interceptD1(d1, async ({ statements: sent, run }) => {
    await clock.sleep(D1_LATENCY_MS)
    invocation.queries += sent.length
    for (const { sql } of sent) statements.add(sql)
    if (invocation.queries > LIMITS.queries) throw new Error('D1_ERROR: Too many queries.')
    return run()
  })

/** Creates a deployment with these settings beside its own. `respond` is the network. */
export function createSimulation(
  settingsBeside: Record<string, string>,
  respond: (request: Request) => Promise<Response>,
) {
  const clock = createVirtualClock('2026-11-24T09:00:00.000Z')
  const random = seeded(SEED)
  const sqlite = new DatabaseSync(':memory:')
  for (const query of env.MIGRATIONS.flatMap(({ queries }) => queries)) sqlite.exec(query)
  const d1 = createD1(sqlite)
  const { settings } = readBindings({
    DB: d1,
    ASSETS: env.ASSETS,
    PUBLIC_URL: 'https://mail.example.com',
    ROOT_API_KEY: 'mg_root_simulated-simulated-simulated',
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    CHECKER_URL,
    CHECKER_KEY,
    ...settingsBeside,
  })
  const invocations: Invocation[] = []
  const statements = new Set<string>()
  const errors: string[] = []
  const servicesWith = (db: D1Database, fetch: typeof globalThis.fetch) =>
    createServices(db, settings, {
      fetch,
      now: clock.now,
      pause: clock.sleep,
      random: (count) => Uint8Array.from({ length: count }, () => random(256)),
      log: (level, event, fields) =>
        void (level === 'error' && errors.push(JSON.stringify({ event, ...fields }))),
    })
  return {
    clock,
    random,
    sqlite,
    invocations,
    /** Texts of all queries of the invocations. */
    statements,
    /** Errors in the log. */
    errors,
    /** Services outside of any invocation: without limits and without time. */
    services: servicesWith(d1, fetch),
    /** Runs work with services of its own, as an invocation has them. */
    async invoke(run: (services: Services) => Promise<unknown>): Promise<void> {
      const invocation = newInvocation(clock)
      invocations.push(invocation)
      const db = limitedDatabase(clock, invocation, d1, statements)
      await run(servicesWith(db, limitedFetch(clock, invocation, respond)))
      invocation.endedAt = clock.now().getTime()
    },
  }
}
