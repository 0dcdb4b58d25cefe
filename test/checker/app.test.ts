import { compactDecrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type AppOptions, createApp, MAX_BODY_BYTES } from '../../checker/app.ts'
import type { Event } from '../../checker/log.ts'
import { createQueue } from '../../checker/queue.ts'
import { version } from '../../package.json' with { type: 'json' }
import { READINESS_TYP, READY_TYP } from '../../schema/probe.ts'
import { openReport, REPORT, REQUEST, RING, sealRequest } from './hostile/messages.ts'

function createTestApp(changes: Partial<AppOptions> = {}) {
  const events: Event[] = []
  const app = createApp({
    ring: RING,
    probe: async () => REPORT,
    now: () => new Date(),
    log: (event) => events.push(event),
    ...changes,
  })
  const post = async (body: string | ReadableStream, init: RequestInit = {}) =>
    app.request('/probe', { method: 'POST', body, ...init })
  return { app, post, events }
}

async function expectProblem(response: Response, status: number) {
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const problem = (await response.json()) as Record<string, unknown>
  expect(Object.keys(problem)).toEqual(['type', 'title', 'status'])
  expect(problem).toMatchObject({ type: 'about:blank', status })
}

describe('POST /probe', () => {
  it('returns a sealed report for a sealed request', async () => {
    const { post, events } = createTestApp()
    const response = await post(await sealRequest(REQUEST))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/jose')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await openReport(await response.text())).toEqual(REPORT)
    expect(events).toEqual([
      { name: 'probed', jti: expect.any(String), request: REQUEST, report: REPORT },
    ])
  })

  it('reveals nothing to a caller without the key', async () => {
    const { post, events } = createTestApp()
    await expectProblem(await post(''), 401)
    expect(events).toEqual([{ name: 'refused', status: 401, reason: 'not_opened', jti: null }])
  })

  it('responds to a replay exactly as to a caller without the key', async () => {
    const { post, events } = createTestApp()
    const sealed = await sealRequest(REQUEST)
    expect((await post(sealed)).status).toBe(200)
    const [replay, garbage] = [await post(sealed), await post('garbage')]
    expect(replay.status).toBe(garbage.status)
    expect(await replay.text()).toBe(await garbage.text())
    // Only the log tells a replay from garbage.
    const { jti } = decodeProtectedHeader(sealed)
    expect(events).toMatchObject([
      { name: 'probed', jti },
      { reason: 'replayed', jti },
      { reason: 'not_opened', jti: null },
    ])
  })

  it('rejects a sealed body that does not match the schema', async () => {
    const { post } = createTestApp()
    await expectProblem(await post(await sealRequest({ ...REQUEST, port: 'many' })), 400)
  })

  it('refuses a body that is too large, with and without Content-Length', async () => {
    const { post } = createTestApp()
    const big = 'x'.repeat(MAX_BODY_BYTES + 1)
    const headers = { 'content-length': String(big.length) }
    await expectProblem(await post(big, { headers }), 413)
    const body = new Blob([big]).stream()
    await expectProblem(await post(body, { duplex: 'half' } as RequestInit), 413)
  })

  it('accepts the largest token that the schema allows', async () => {
    const credential = { ...REQUEST.credential, access_token: 'x'.repeat(16_384) }
    const { post } = createTestApp()
    const response = await post(await sealRequest({ ...REQUEST, credential }))
    expect(response.status).toBe(200)
  })

  it('returns 503 with Retry-After when the queue is full', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof REPORT>()
    const queue = createQueue({ running: 1, perHost: 1, waiting: 0, maxWaitMs: 1_000 })
    const { post, events } = createTestApp({ probe: () => promise, queue })
    const first = post(await sealRequest(REQUEST))
    const sealed = await sealRequest(REQUEST)
    while (queue.running === 0) await new Promise((next) => setImmediate(next))
    const second = await post(sealed)
    expect(second.headers.get('retry-after')).toMatch(/^\d+$/)
    await expectProblem(second, 503)
    const { jti } = decodeProtectedHeader(sealed)
    expect(events).toEqual([{ name: 'refused', status: 503, reason: 'busy', jti }])
    resolve(REPORT)
    expect((await first).status).toBe(200)
  })

  it('passes the request signal to the probe', async () => {
    const caller = new AbortController()
    const { post } = createTestApp({
      probe: async (_request, signal) => {
        caller.abort()
        return { ...REPORT, mechanism: String(signal.aborted) }
      },
    })
    const response = await post(await sealRequest(REQUEST), { signal: caller.signal })
    expect((await openReport(await response.text())).mechanism).toBe('true')
  })

  it('reveals nothing about a bug', async () => {
    const { post, events } = createTestApp({
      probe: async () => {
        throw new Error('secret words')
      },
    })
    await expectProblem(await post(await sealRequest(REQUEST)), 500)
    expect(events).toMatchObject([{ name: 'crashed' }])
  })
})

describe('POST /readyz', () => {
  const check = (body: string, changes: Partial<AppOptions> = {}) =>
    createTestApp(changes).app.request('/readyz', { method: 'POST', body })
  const sealCheck = (now?: Date) => sealRequest({}, now, READINESS_TYP)

  it('returns a sealed response to a sealed check, as often as it is sent', async () => {
    const { app } = createTestApp()
    const body = await sealCheck()
    for (const _ of [1, 2]) {
      const response = await app.request('/readyz', { method: 'POST', body })
      expect(response.status).toBe(200)
      const { protectedHeader } = await compactDecrypt(await response.text(), RING[0].key)
      const { jti } = decodeProtectedHeader(body)
      expect(protectedHeader).toMatchObject({ typ: READY_TYP, jti })
    }
  })

  it('refuses a check that cannot be opened, is too old, or is another message', async () => {
    await expectProblem(await check('garbage'), 401)
    await expectProblem(await check(await sealCheck(new Date(Date.now() - 60_000))), 401)
    await expectProblem(await check(await sealRequest(REQUEST)), 401)
    await expectProblem(await check('x'.repeat(MAX_BODY_BYTES + 1)), 413)
    // A check must not be accepted as a login request, either.
    await expectProblem(await createTestApp().post(await sealCheck()), 401)
  })

  it.each(['draining', 'closing'] as const)('returns 503 while %s', async (phase) => {
    await expectProblem(await check(await sealCheck(), { phase: () => phase }), 503)
  })
})

describe('other paths', () => {
  it('include /healthz and /readyz', async () => {
    const { app } = createTestApp()
    expect(await (await app.request('/healthz')).json()).toEqual({ status: 'ok', version })
    expect((await app.request('/readyz')).status).toBe(200)
  })

  it.each([
    ['draining', 200],
    ['closing', 503],
  ] as const)('while %s: healthy, not ready, and probes get %i', async (phase, status) => {
    const { app, post } = createTestApp({ phase: () => phase })
    expect((await app.request('/healthz')).status).toBe(200)
    await expectProblem(await app.request('/readyz'), 503)
    expect((await post(await sealRequest(REQUEST))).status).toBe(status)
  })

  it('return 404, and other methods at /probe 405', async () => {
    const { app } = createTestApp()
    await expectProblem(await app.request('/'), 404)
    await expectProblem(await app.request('/probe/x', { method: 'POST', body: 'x' }), 404)
    const response = await app.request('/probe')
    expect(response.headers.get('allow')).toBe('POST')
    await expectProblem(response, 405)
  })
})

const API_KEY = 'a-key-of-a-help-desk-0123456789abcdef'

describe('POST /probe with the API key of a checker that is used alone', () => {
  const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })

  it('returns the plain report for plain JSON', async () => {
    const { post, events } = createTestApp({ ring: [], apiKey: API_KEY })
    const response = await post(JSON.stringify(REQUEST), bearer(API_KEY))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual(REPORT)
    expect(events).toEqual([
      { name: 'probed', jti: expect.any(String), request: REQUEST, report: REPORT },
    ])
  })

  it.each([
    ['no JSON', '{"protocol":', { detail: 'The body is not valid JSON.' }],
    ['no object', '[]', { detail: 'The body: expected object, received array' }],
    [
      'a wrong and an unknown member',
      JSON.stringify({ ...REQUEST, port: '993', tls: true }),
      {
        detail: '/port: expected number, received string; The body: Unrecognized key: "tls"',
        errors: [
          { pointer: '/port', message: 'expected number, received string' },
          { pointer: '', message: 'Unrecognized key: "tls"' },
        ],
      },
    ],
    [
      'a credential without its token',
      JSON.stringify({ ...REQUEST, credential: { type: 'oauth', cloud: 'global' } }),
      { detail: '/credential/access_token: is required' },
    ],
  ])('names what is wrong with a body that is %s', async (_what, body, problem) => {
    // Other tests of this process might have loaded the API, which sets its own messages for zod's errors.
    const { customError } = z.config()
    z.config({ customError: undefined })
    onTestFinished(() => void z.config({ customError }))
    const { post, events } = createTestApp({ ring: [], apiKey: API_KEY })
    const response = await post(body, bearer(API_KEY))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ type: 'about:blank', status: 400, ...problem })
    expect(events).toMatchObject([{ name: 'refused', status: 400, reason: 'bad_request' }])
  })

  it('never repeats a credential in a refusal', async () => {
    const { post } = createTestApp({ ring: [], apiKey: API_KEY })
    const credential = { type: 'oauth', access_token: 'canary\r\n7f3a', cloud: 'moon' }
    const response = await post(JSON.stringify({ ...REQUEST, credential }), bearer(API_KEY))
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('7f3a')
  })

  it.each(['Bearer another-key-of-a-help-desk-0123456789', `Basic ${API_KEY}`, 'Bearer ', API_KEY])(
    'refuses %j, and says no more',
    async (authorization) => {
      const { post, events } = createTestApp({ apiKey: API_KEY })
      const response = await post(JSON.stringify(REQUEST), { headers: { authorization } })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      await expectProblem(response, 401)
      expect(events).toEqual([{ name: 'refused', status: 401, reason: 'bad_key', jti: null }])
    },
  )

  it('limits failures by address and minute, and never the right key', async () => {
    const clock = { now: new Date('2026-11-26T09:00:00Z') }
    let address = '192.0.2.7'
    const { post } = createTestApp({
      apiKey: API_KEY,
      now: () => clock.now,
      clientAddress: () => address,
    })
    const tryKey = async (key: string) => (await post(JSON.stringify(REQUEST), bearer(key))).status
    for (let failure = 0; failure < 10; failure += 1) expect(await tryKey('wrong')).toBe(401)
    const limited = await post(JSON.stringify(REQUEST), bearer('wrong'))
    expect(limited.headers.get('retry-after')).toBe('60')
    await expectProblem(limited, 429)
    expect(await tryKey(API_KEY)).toBe(200)
    address = '192.0.2.8'
    expect(await tryKey('wrong')).toBe(401)
    address = '192.0.2.7'
    clock.now = new Date('2026-11-26T09:01:00Z')
    expect(await tryKey('wrong')).toBe(401)
  })

  it('is not open without a key, and sealed messages still are', async () => {
    const alone = createTestApp({ ring: [], apiKey: API_KEY })
    await expectProblem(await alone.post(JSON.stringify(REQUEST)), 401)
    await expectProblem(await alone.post(await sealRequest(REQUEST)), 401)
    const both = createTestApp({ apiKey: API_KEY })
    expect((await both.post(await sealRequest(REQUEST))).status).toBe(200)
    const without = createTestApp()
    await expectProblem(await without.post(JSON.stringify(REQUEST), bearer(API_KEY)), 401)
  })
})
