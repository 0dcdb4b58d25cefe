/**
 * Webhook deliveries on a simulated clock: an invocation every minute as on Workers, and endpoints that respond
 * slowly, wrongly or not at all.
 */

import { newEvent } from '../../api/domain/events.ts'
import { deliverWebhooks } from '../../api/domain/webhooks/deliver.ts'
import { createWebhook } from '../../api/domain/webhooks/webhooks.ts'
import { WebhookEvent } from '../../schema/webhook.ts'
import { system } from '../api/system-call.ts'
import { createSimulation } from './invocation.ts'

const MINUTE_MS = 60_000
/** Accounts and events per call of the database. */
const CHUNK = 1000

/** `ms`: time until the headers; no `status`: the connection fails then, or never if `ms` is infinite. */
export type Reply = { ms: number; status?: number; retryAfter?: number }
/** `random`: an integer below a limit. */
export type Behaviour = (random: (below: number) => number, now: Date) => Reply

type Received = { id: string; at: number; reply: Reply }
export type SimulatedEndpoint = {
  id: string
  requests: Received[]
  /** Messages accepted with a status from 200 to 299: how often each, and when last. */
  accepted: Map<string, { times: number; at: number }>
}

export type WebhookWorld = ReturnType<typeof createWebhookWorld>

export function createWebhookWorld() {
  const endpoints = new Map<string, { behaviour: Behaviour; endpoint: SimulatedEndpoint }>()
  const simulation = createSimulation({}, respond)
  const { clock, random, sqlite, invocations, statements, errors, services } = simulation

  /** The endpoint's side of a request: records it, and responds as the endpoint behaves. */
  async function respond({ url, headers: sent, signal }: Request): Promise<Response> {
    const id = sent.get('webhook-id') ?? ''
    const found = endpoints.get(url)
    if (!found) throw new TypeError(`no endpoint at ${url}`)
    const { behaviour, endpoint } = found
    const reply = behaviour(random, clock.now())
    endpoint.requests.push({ id, at: clock.now().getTime(), reply })
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

  return {
    clock,
    invocations,
    errors,
    services,
    stop: clock.install(),

    /** Registers an endpoint for all events. */
    async addEndpoint(name: string, behaviour: Behaviour): Promise<SimulatedEndpoint> {
      const url = `https://${name}.example.com/hooks`
      const input = { url, events: [...WebhookEvent.options], enabled: true }
      const created = await createWebhook(services, system, input)
      if (!created.ok) throw new Error(`no webhook at ${url}`)
      const endpoint = { id: created.value.id, requests: [], accepted: new Map() }
      endpoints.set(url, { behaviour, endpoint })
      return endpoint
    },

    /** Ends all runs without a word, as a restart of the runtime does: what they wait for never comes. */
    kill(): void {
      clock.clear()
      for (const invocation of invocations) invocation.endedAt = clock.now().getTime()
    },

    /** Makes one more mailbox need reconnecting. */
    reconnectOnce: (grant: string) =>
      services.store.events.addOnce(
        newEvent(services, system, 'grant.reconnect_required', {
          id: grant,
          customer: null,
        }),
      ),

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
            services.store.events.addOnce(
              newEvent(services, system, type, { id: `gr_${first + index}`, customer: null }),
            ),
          ),
        )
      }
    },

    /** Starts a delivery run. */
    invoke: () => simulation.invoke(deliverWebhooks),

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
