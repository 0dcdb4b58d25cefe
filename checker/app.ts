/**
 * The checker's HTTP interface: POST /probe, GET /healthz, GET and POST /readyz, GET /metrics. The probe
 * that opens sockets is passed in. Callers without the key learn nothing but a status.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { type Context, Hono } from 'hono'
import type { ZodError } from 'zod'
import { MINUTE_MS } from '../schema/durations.ts'
import { PROBE_PATH, ProbeRequest, READINESS_PATH } from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'
import { VERSION } from '../schema/version.ts'
import { createCheck } from './create-checker.ts'
import { createEnvelope } from './envelope.ts'
import type { Log } from './log.ts'
import type { Probe } from './probe.ts'
import { createQueue, type Queue, RETRY_AFTER_SECONDS } from './queue.ts'

export const MAX_BODY_BYTES = 64 * 1024

export type AppOptions = {
  /** Keys of sealed messages; empty for a checker that is used alone. */
  ring: KeyRing | readonly []
  /** Lets callers who send this key use plain JSON instead of sealed messages. */
  apiKey?: string | undefined
  /** Returns the address of the caller. */
  clientAddress?: (c: Context) => string
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
  const { ring, apiKey, probe, now, log, metrics } = options
  const { queue = createQueue(), phase = () => 'serving', clientAddress = () => '' } = options
  const envelope = createEnvelope(ring, now)
  const checkKey = apiKey === undefined ? null : createKeyCheck(apiKey, now)
  const check = createCheck({ queue, probe, log })
  const app = new Hono()

  function refuse(status: number, reason: string, jti: string | null = null) {
    log({ name: 'refused', status, reason, jti })
    return problem(status)
  }

  app.onError((error) => {
    log({ name: 'crashed', error })
    return problem(500)
  })
  app.notFound(() => problem(404))

  app.get('/healthz', () => Response.json({ status: 'ok', version: VERSION }))
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
    const authorization = c.req.header('authorization')
    if (checkKey !== null && authorization !== undefined) {
      const verdict = checkKey(authorization, clientAddress(c))
      if (verdict === 'limited') return refuse(429, 'bad_keys')
      if (verdict === 'refused') return refuse(401, 'bad_key')
      return probePlain(c, signal)
    }
    const body = await readBody(c)
    if (body === null) return refuse(413, 'too_large')
    const message = await envelope.open(body)
    if (!message.ok) return refuse(message.status, message.reason, message.jti)
    const result = await check(message, signal)
    if (!result.ok) return problem(503)
    return sealed(await envelope.seal(result.value, message))
  })

  /** Responds to a caller that has presented the API key in plain JSON, with the reason if the request is invalid. */
  async function probePlain(c: Context, signal: AbortSignal): Promise<Response> {
    const body = await readBody(c)
    if (body === null) return refuse(413, 'too_large')
    const request = parseRequest(body)
    if (!request.ok) {
      log({ name: 'refused', status: 400, reason: 'bad_request', jti: null })
      return problem(400, {}, request.problem)
    }
    const message = { jti: crypto.randomUUID(), caller: 'api-key', request: request.value }
    const result = await check(message, signal)
    return result.ok ? Response.json(result.value, { headers: NO_STORE }) : problem(503)
  }

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

type Detail = { detail: string; errors?: { pointer: string; message: string }[] }

function parseRequest(
  body: string,
): { ok: true; value: ProbeRequest } | { ok: false; problem: Detail } {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return { ok: false, problem: { detail: 'The body is not valid JSON.' } }
  }
  const parsed = ProbeRequest.safeParse(json)
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, problem: describeErrors(parsed.error) }
}

/** Lists each invalid member with its JSON pointer (RFC 6901). Zod's messages never repeat a value. */
function describeErrors({ issues }: ZodError): Detail {
  const errors = issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part)}`).join(''),
    message: message
      .replace(/^Invalid input: /, '')
      .replace(/^expected .+, received undefined$/, 'is required'),
  }))
  const detail = errors.map(({ pointer, message }) => `${pointer || 'The body'}: ${message}`)
  return { detail: detail.join('; '), errors }
}

/** Responds to a request that exceeds the limits of the process. */
export const overloaded = () => problem(503)

const NO_STORE = { 'cache-control': 'no-store' }

const sealed = (body: string) =>
  new Response(body, { headers: { 'content-type': 'application/jose', ...NO_STORE } })

const RETRY_AFTER: Readonly<Record<number, number>> = { 429: 60, 503: RETRY_AFTER_SECONDS }

/**
 * Returns an RFC 9457 problem of type `about:blank`: the status and its title. Only callers who have shown
 * the API key get details.
 */
function problem(
  status: number,
  headers: Record<string, string> = {},
  detail: Partial<Detail> = {},
): Response {
  const retryAfter = RETRY_AFTER[status]
  return Response.json(
    { type: 'about:blank', title: STATUS_CODES[status], status, ...detail },
    {
      status,
      headers: {
        'content-type': 'application/problem+json',
        ...NO_STORE,
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
        ...(status === 401 && { 'www-authenticate': 'Bearer' }),
        ...headers,
      },
    },
  )
}

// The API key of a checker that is used alone, without Mailgrant. A key of 32 characters cannot be
// guessed; the limit on failures keeps a program with a wrong key from filling the log.

/** Failures of one address within a minute, after which it gets 429. */
const MOST_FAILURES = 10
/** Addresses that are counted within a minute. With more, every failure counts as too many. */
const MOST_ADDRESSES = 10_000

type KeyVerdict = 'accepted' | 'refused' | 'limited'

/** Returns the function that checks an Authorization header. Only failures count towards the limit. */
function createKeyCheck(apiKey: string, now: () => Date) {
  const expected = sha256(apiKey)
  const failures = new Map<string, number>()
  let minute = 0

  return (authorization: string, address: string): KeyVerdict => {
    const [, key] = /^Bearer (.+)$/i.exec(authorization) ?? []
    if (key !== undefined && timingSafeEqual(sha256(key), expected)) return 'accepted'
    const current = Math.floor(now().getTime() / MINUTE_MS)
    if (current !== minute) failures.clear()
    minute = current
    const count = (failures.get(address) ?? 0) + 1
    if (count > MOST_FAILURES || failures.size >= MOST_ADDRESSES) return 'limited'
    failures.set(address, count)
    return 'refused'
  }
}

const sha256 = (text: string) => hash('sha256', text, 'buffer')
