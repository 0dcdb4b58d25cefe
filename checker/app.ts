/**
 * The checker's HTTP interface: POST /probe, GET /healthz, GET and POST /readyz, GET /metrics. It uses
 * web standards only; the probe that opens sockets is passed in. Callers without the key learn nothing
 * but a status.
 */
import { type Context, Hono } from 'hono'
import { PROBE_PATH, READINESS_PATH } from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'
import { createCheck } from './create-checker.ts'
import { createEnvelope } from './envelope.ts'
import type { Log } from './events.ts'
import type { Probe } from './probe.ts'
import { createQueue, type Queue, RETRY_AFTER_SECONDS } from './queue.ts'

export const MAX_BODY_BYTES = 64 * 1024

export type AppOptions = {
  ring: KeyRing
  probe: Probe
  now: () => Date
  log: Log
  queue?: Queue
  /** Returns all metrics in Prometheus text format. */
  metrics?: () => Promise<string>
  phase?: () => Phase
}

/**
 * `draining`: not ready, so that load balancers look elsewhere, but still accepting probes. `closing`:
 * running probes finish, new ones are refused.
 */
export type Phase = 'serving' | 'draining' | 'closing'

export function createApp(options: AppOptions) {
  const { ring, probe, now, log, metrics } = options
  const { queue = createQueue(), phase = () => 'serving' } = options
  const envelope = createEnvelope(ring, now)
  const check = createCheck({ queue, probe, log })
  const app = new Hono()

  function refuse(status: keyof typeof TITLES, reason: string, jti: string | null = null) {
    log({ name: 'refused', status, reason, jti })
    return problem(status)
  }

  app.onError((error) => {
    log({ name: 'crashed', error })
    return problem(500)
  })
  app.notFound(() => problem(404))

  app.get('/healthz', () => Response.json({ status: 'ok' }))
  app.get(READINESS_PATH, () =>
    phase() === 'serving'
      ? Response.json({ status: 'ready' }, { headers: NO_STORE })
      : problem(503),
  )

  app.post(READINESS_PATH, async (c) => {
    if (phase() !== 'serving') return refuse(503, phase())
    const body = await readBody(c)
    if (body === null) return refuse(413, 'too_large')
    const check = await envelope.openReadinessCheck(body)
    if (!check.ok) return refuse(check.status, check.reason, check.jti)
    return sealed(await envelope.sealReady(check))
  })

  if (metrics) {
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...NO_STORE }
    app.get('/metrics', async () => new Response(await metrics(), { headers }))
  }

  app.post(PROBE_PATH, async (c) => {
    if (phase() === 'closing') return refuse(503, 'closing')
    const { signal } = c.req.raw
    const body = await readBody(c)
    if (body === null) return refuse(413, 'too_large')
    const message = await envelope.open(body)
    if (!message.ok) return refuse(message.status, message.reason, message.jti)
    const result = await check(message, signal)
    if (!result.ok) return problem(503)
    return sealed(await envelope.seal(result.value, message))
  })
  app.all(PROBE_PATH, () => problem(405, { allow: 'POST' }))

  return app
}

/**
 * Returns the body, or null if it is too large. With a Content-Length, which the Worker sends, Node
 * already enforces that length, so the body is read at once instead of through a slower web stream.
 */
async function readBody(c: Context): Promise<string | null> {
  const length = c.req.header('content-length')
  if (length !== undefined && c.req.header('transfer-encoding') === undefined) {
    return Number(length) <= MAX_BODY_BYTES ? c.req.text() : null
  }
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of c.req.raw.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_BODY_BYTES) return null
  }
  return text
}

const NO_STORE = { 'cache-control': 'no-store' }

const sealed = (body: string) =>
  new Response(body, { headers: { 'content-type': 'application/jose', ...NO_STORE } })

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** Returns an RFC 9457 problem of type `about:blank`: the status and its title, no details. */
function problem(status: keyof typeof TITLES, headers: Record<string, string> = {}): Response {
  return Response.json(
    { type: 'about:blank', title: TITLES[status], status },
    {
      status,
      headers: {
        'content-type': 'application/problem+json',
        ...NO_STORE,
        ...(status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
        ...headers,
      },
    },
  )
}
