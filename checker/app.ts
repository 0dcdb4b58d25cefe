/**
 * The checker over HTTP: POST /probe, GET /healthz, GET /readyz, GET /metrics. Nothing here knows Node; the probe
 * that opens sockets is passed in. Answers to strangers say as little as HTTP allows.
 */
import { type Context, Hono } from 'hono'
import { PROBE_PATH, type ProbeReport, type ProbeRequest } from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'
import { createEnvelope } from './envelope.ts'
import type { Log } from './events.ts'
import { createQueue, type Queue } from './queue.ts'

export const MAX_BODY = 64 * 1024
/** Seconds. A place is free again well within it: no probe runs for longer than 15. */
const RETRY_AFTER = 2

export type AppOptions = {
  ring: KeyRing
  probe: (request: ProbeRequest, signal: AbortSignal) => Promise<ProbeReport>
  now: () => Date
  log: Log
  queue?: Queue
  /** In the text format of Prometheus. */
  metrics?: () => Promise<string>
  /** True once the process has been told to stop: it finishes what runs and takes no more. */
  draining?: () => boolean
}

export function createApp(options: AppOptions) {
  const { ring, probe, now, log, metrics } = options
  const { queue = createQueue(), draining = () => false } = options
  const envelope = createEnvelope(ring, now)
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
  app.get('/readyz', () =>
    draining() ? problem(503) : Response.json({ status: 'ready' }, { headers: NO_STORE }),
  )

  if (metrics) {
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...NO_STORE }
    app.get('/metrics', async () => new Response(await metrics(), { headers }))
  }

  app.post(PROBE_PATH, async (c) => {
    if (draining()) return refuse(503, 'draining')
    const { signal } = c.req.raw
    const sealed = await readBody(c)
    if (sealed === null) return refuse(413, 'too_large')
    const letter = await envelope.open(sealed)
    if (!letter.ok) return refuse(letter.status, letter.reason, letter.jti)
    const { jti, request } = letter
    const done = await queue.run(() => probe(request, signal), signal)
    if (!done.ok) return refuse(503, done.reason, jti)
    log({ name: 'probed', jti, request, report: done.value })
    const headers = { 'content-type': 'application/jose', ...NO_STORE }
    return new Response(await envelope.seal(done.value, letter), { headers })
  })
  app.all(PROBE_PATH, () => problem(405, { allow: 'POST' }))

  return app
}

/**
 * The body, or null once it is too large. Where its length is told, as our own client does, Node has
 * cut the body to it already, and reading it whole spares the costly detour through a web stream.
 */
async function readBody(c: Context): Promise<string | null> {
  const length = c.req.header('content-length')
  if (length !== undefined && c.req.header('transfer-encoding') === undefined) {
    return Number(length) <= MAX_BODY ? c.req.text() : null
  }
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of c.req.raw.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_BODY) return null
  }
  return text
}

const NO_STORE = { 'cache-control': 'no-store' }

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** RFC 9457 with `about:blank`: the status says all that a stranger is told. */
function problem(status: keyof typeof TITLES, headers: Record<string, string> = {}): Response {
  return Response.json(
    { type: 'about:blank', title: TITLES[status], status },
    {
      status,
      headers: {
        'content-type': 'application/problem+json',
        ...NO_STORE,
        ...(status === 503 ? { 'retry-after': String(RETRY_AFTER) } : {}),
        ...headers,
      },
    },
  )
}
