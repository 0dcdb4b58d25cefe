/**
 * Webhook deliveries on a simulated clock: the real store on node:sqlite, an invocation every minute as
 * on Workers, and endpoints that answer slowly, wrongly or not at all. Invocations have Workers' limits:
 * six requests wait for response headers, and the seventh is queued.
 */
import { DatabaseSync } from 'node:sqlite'
import { newEvent } from '../../api/domain/events.ts'
import { deliverWebhooks } from '../../api/domain/webhooks/deliver.ts'
import { createWebhook } from '../../api/domain/webhooks/webhooks.ts'
import { readBindings } from '../../api/env.ts'
import { createD1 } from '../../api/node/d1.ts'
import { type Call, createServices, type Services } from '../../api/services.ts'
import { WebhookEvent } from '../../schema/webhook.ts'
import { env } from '../api/node/cloudflare-workers.ts'
import { seeded } from '../seeded.ts'
import { type Invocation, limitedDatabase, limitedFetch, newInvocation } from './invocation.ts'
import { createVirtualClock } from './virtual-clock.ts'

const MINUTE_MS = 60_000
/** Accounts and events per call of the database. */
const CHUNK = 1000

/** `ms`: time until the headers; no `status`: the connection fails then, or never if `ms` is infinite. */
export type Answer = { ms: number; status?: number; retryAfter?: number }
/** `random`: an integer below a limit. */
export type Behaviour = (random: (below: number) => number, now: Date) => Answer

type Received = { id: string; at: number; answer: Answer }
export type SimulatedEndpoint = {
  id: string
  requests: Received[]
  /** Messages accepted with a status from 200 to 299: how often each, and when last. */
  accepted: Map<string, { times: number; at: number }>
}

export type WebhookWorld = Awaited<ReturnType<typeof createWebhookWorld>>

export async function createWebhookWorld(seed: number) {
  const random = seeded(seed)
  const clock = createVirtualClock('2026-11-24T09:00:00.000Z')
  const uninstall = clock.install()
  const sqlite = new DatabaseSync(':memory:')
  for (const query of env.MIGRATIONS.flatMap(({ queries }) => queries)) sqlite.exec(query)
  const d1 = createD1(sqlite)
  const { settings } = readBindings({
    DB: d1,
    ASSETS: env.ASSETS,
    PUBLIC_URL: 'https://mail.example.com',
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    ROOT_API_KEY: 'mg_root_simulated-simulated-simulated',
    CHECKER_URL: 'https://checker.example.com',
    CHECKER_KEY: `c1:${Buffer.alloc(32, 2).toString('base64')}`,
  })
  const endpoints = new Map<string, { behaviour: Behaviour; endpoint: SimulatedEndpoint }>()
  const invocations: Invocation[] = []
  const statements = new Set<string>()
  const errors: string[] = []

  const outside = (fetch: typeof globalThis.fetch) => ({
    fetch,
    now: clock.now,
    pause: clock.sleep,
    random: (count: number) => Uint8Array.from({ length: count }, () => random(256)),
    log: (level: string, event: string, fields?: object) =>
      void (level === 'error' && errors.push(JSON.stringify({ event, ...fields }))),
  })

  /** The endpoint's side of a request: records it, and answers as the endpoint behaves. */
  async function answer(url: string, id: string, signal: AbortSignal): Promise<Response> {
    const found = endpoints.get(url)
    if (!found) throw new TypeError(`no endpoint at ${url}`)
    const { behaviour, endpoint } = found
    const reply = behaviour(random, clock.now())
    endpoint.requests.push({ id, at: clock.now().getTime(), answer: reply })
    await untilAborted(signal, reply.ms)
    const { status, retryAfter } = reply
    if (status === undefined) throw new TypeError('connection reset')
    if (status >= 200 && status < 300) {
      const times = (endpoint.accepted.get(id)?.times ?? 0) + 1
      endpoint.accepted.set(id, { times, at: clock.now().getTime() })
    }
    const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
    return new Response(null, { status, headers })
  }

  /** Waits so long, but throws the signal's reason as soon as it aborts. */
  function untilAborted(signal: AbortSignal, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(ms) ? clock.after(ms, resolve) : null
      signal.addEventListener('abort', () => {
        if (timer) clock.cancel(timer)
        reject(signal.reason)
      })
    })
  }

  const system: Call = { actor: { type: 'system', id: null }, defer: () => {} }
  /** Outside of any invocation: without limits and without time. */
  const setup = createServices(d1, settings, outside(fetch))

  return {
    clock,
    invocations,
    errors,
    services: setup,
    stop: uninstall,

    /** Registers an endpoint for all events. */
    async addEndpoint(name: string, behaviour: Behaviour): Promise<SimulatedEndpoint> {
      const url = `https://${name}.example.com/hooks`
      const input = { url, events: [...WebhookEvent.options], enabled: true }
      const created = await createWebhook(setup, system, input)
      if (!created.ok) throw new Error(`no webhook at ${url}`)
      const endpoint = { id: created.value.id, requests: [], accepted: new Map() }
      endpoints.set(url, { behaviour, endpoint })
      return endpoint
    },

    /** Ends all runs without a word, as a restart of the runtime does: what they wait for never comes. */
    kill(): void {
      clock.clear()
      for (const invocation of invocations) invocation.ended = true
    },

    /** Makes one more mailbox need reconnecting. */
    reconnectOnce: (grant: string) =>
      setup.store.events.add(newEvent(setup, system, 'grant.reconnect_required', grant)),

    /** Makes so many mailboxes need reconnecting now: an account and an event for each. */
    async reconnect(count: number): Promise<void> {
      const { changes } = sqlite
        .prepare(
          `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
           INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security, username,
             authentication, grant_id, version, created_at, updated_at)
           SELECT 'ma_' || i, 'department', 'd' || i, 'imap', 'outlook.office365.com', 993, 'tls',
             'user' || i || '@contoso.test', 'oauth', 'gr_' || i, 1, 1, 1 FROM n`,
        )
        .run(count)
      const type = 'grant.reconnect_required'
      for (let first = 1; first <= Number(changes); first += CHUNK) {
        const length = Math.min(CHUNK, count - first + 1)
        await Promise.all(
          Array.from({ length }, (_, index) =>
            setup.store.events.add(newEvent(setup, system, type, `gr_${first + index}`)),
          ),
        )
      }
    },

    /** Starts a delivery run with services of its own, as an invocation has them. */
    async invoke(run: (services: Services) => Promise<void> = deliverWebhooks): Promise<void> {
      const invocation = newInvocation(clock)
      invocations.push(invocation)
      const fetch = limitedFetch(clock, invocation, (request) =>
        answer(request.url, request.headers.get('webhook-id') ?? '', request.signal),
      )
      const db = limitedDatabase(clock, invocation, d1, statements)
      await run(createServices(db, settings, outside(fetch)))
      invocation.ended = true
    },

    /** Starts a run every minute until `done`. Returns the minutes that passed, `limit` at most. */
    async runEveryMinute(limit: number, done: () => boolean): Promise<number> {
      for (let minute = 0; minute < limit; minute += 1) {
        if (done()) return minute
        void this.invoke()
        await clock.advance(MINUTE_MS)
      }
      return limit
    },

    /** Returns messages by endpoint and state. */
    states: () =>
      sqlite
        .prepare(
          'SELECT webhook_id AS webhook, state, count(*) AS count FROM webhook_deliveries GROUP BY 1, 2',
        )
        .all() as { webhook: string; state: string; count: number }[],

    /** Returns each statement of the runs that reads a whole table of messages or events. */
    scans: () =>
      [...statements].filter((sql) => {
        const plan = sqlite.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        const values = Array.from({ length: sql.split('?').length - 1 }, () => null)
        return plan
          .all(...values)
          .some(({ detail }) => /^SCAN (?:webhook_deliveries|events|e)\b/.test(String(detail)))
      }),
  }
}
