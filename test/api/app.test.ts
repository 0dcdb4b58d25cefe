import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createWorld, PUBLIC_URL, problemOf, ROOT_KEY } from './harness.ts'
import { createMailWorld } from './mail-world.ts'

const raw = (path: string, method: string, body: BodyInit | null, type = 'application/json') =>
  new Request(`http://localhost:8787${path}`, {
    method,
    headers: { authorization: `Bearer ${ROOT_KEY}`, 'content-type': type },
    body,
    // Required by Node, unknown to workerd.
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })

describe('a bad request', () => {
  it.each([
    ['malformed JSON', '{"client_id":', 400, 'invalid_json'],
    ['an empty body', '', 400, 'invalid_json'],
    ['an array', '[]', 422, 'validation_failed'],
    ['null', 'null', 422, 'validation_failed'],
    ['a wrong type', '{"client_id": 7}', 422, 'validation_failed'],
  ])('responds to %s with a problem document', async (_name, body, status, code) => {
    const world = await createWorld()
    const response = await world.send(raw('/v1/integrations/microsoft/settings', 'PUT', body))
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      code,
      status,
      instance: '/v1/integrations/microsoft/settings',
      request_id: response.headers.get('x-request-id'),
    })
  })

  it.each(['text/plain', 'text/json'])('returns 415 for the content type %s', async (type) => {
    const world = await createWorld()
    const request = raw('/v1/integrations/microsoft/settings', 'PUT', '{}', type)
    const problem = await problemOf(world.send(request))
    expect(problem).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  it('returns 400 for a body that is not UTF-8 rather than storing it garbled', async () => {
    const world = await createWorld()
    const body = new TextEncoder().encode('{"protocol": "imap", "error": "Stra?e"}')
    body[body.indexOf(0x3f)] = 0xdf
    const problem = await problemOf(world.send(raw('/v1/diagnoses', 'POST', body)))
    expect(problem).toMatchObject({
      status: 400,
      code: 'invalid_json',
      detail: 'The request body is not valid UTF-8.',
    })
  })

  it.each(['alice@contoso.test\u200b', '\u202ealice@contoso.test', '\ud800lice@contoso.test'])(
    'rejects invisible characters in an email address: %j',
    async (username) => {
      const world = await createWorld()
      const body = { provider: 'microsoft', username }
      const refused = await world.problem('POST', '/v1/authorizations', body)
      expect(refused).toMatchObject({
        status: 422,
        errors: [{ pointer: '/username', message: 'must not contain invisible characters' }],
      })
    },
  )

  it('accepts 64 KiB of control characters for a diagnosis, although JSON escapes make it longer', async () => {
    const world = await createWorld()
    const diagnose = (length: number) =>
      world.call('POST', '/v1/diagnoses', { protocol: 'imap', error: '\u0001'.repeat(length) })
    const response = await diagnose(64 * 1024)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ verdict: 'unknown' })
    expect((await diagnose(128 * 1024)).status).toBe(413)
  })

  it('returns 413 for a body over 64 KiB, with or without Content-Length', async () => {
    const world = await createWorld()
    const body = `"${'x'.repeat(64 * 1024)}"`
    const stream = new Response(body).body
    for (const sent of [body, stream]) {
      const problem = await problemOf(
        world.send(raw('/v1/integrations/microsoft/settings', 'PUT', sent)),
      )
      expect(problem).toMatchObject({ status: 413, code: 'payload_too_large' })
    }
  })

  it('returns 404 for an unknown path, and 405 with Allow to a wrong method', async () => {
    const world = await createWorld()
    const nowhere = await world.problem('GET', '/v1/nothing')
    expect(nowhere).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: `No such path. Paths of the API begin with /v1/ and do not end with a slash. They are listed at ${PUBLIC_URL}/docs.`,
    })
    const wrong = await world.call('DELETE', '/v1/integrations')
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET, HEAD')
    expect(await wrong.json()).toMatchObject({ code: 'method_not_allowed' })
  })

  it('refuses a query parameter that the call does not have, and ignores it outside /v1', async () => {
    const world = await createWorld()
    expect(await world.problem('GET', '/v1/mail-accounts?user_name=a')).toMatchObject({
      status: 422,
      errors: [{ pointer: '?user_name', message: expect.stringContaining('username') }],
    })
    for (const call of ['GET /v1/integrations', 'POST /v1/integrations/microsoft/activate']) {
      const [method = '', path] = call.split(' ')
      expect(await world.problem(method, `${path}?a=b`)).toMatchObject({
        status: 422,
        errors: [{ pointer: '?a', message: 'is not recognised' }],
      })
    }
    expect((await world.call('GET', '/oauth/microsoft/callback?state=x&a=b')).status).toBe(400)
  })

  it('returns 422 for an invalid cursor or limit, never 500', async () => {
    const world = await createWorld()
    for (const limit of ['0', '201', 'x', '1.5', '1&limit=2']) {
      const refused = await world.problem('GET', `/v1/events?limit=${limit}`)
      expect(refused).toMatchObject({
        status: 422,
        errors: [{ pointer: '?limit', message: 'must be an integer from 1 to 200' }],
      })
    }
    for (const cursor of ['', 'x', '%00', 'MS54IQ', "';DROP TABLE events"]) {
      const refused = await world.problem('GET', `/v1/events?cursor=${cursor}`)
      expect(refused).toMatchObject({ status: 422, errors: [{ pointer: '?cursor' }] })
    }
  })
})

describe('every response', () => {
  it('carries a request id and security headers', async () => {
    const world = await createWorld()
    for (const path of ['/healthz', '/v1/integrations', '/v1/nothing']) {
      const response = await world.call('GET', path)
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('does not echo a request id that could break a log line', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/healthz', undefined, { 'x-request-id': 'a b"c' })
    expect(response.headers.get('x-request-id')).not.toContain('"')
  })
})

describe('a failing database', () => {
  const broken = () =>
    new Proxy(env.DB, {
      get: () => () => {
        throw new Error('D1_ERROR: Network connection lost. canary-cause')
      },
    })

  it('returns 503 and writes the cause to the log only', async () => {
    const world = await createWorld({ db: broken() })
    const response = await world.call('GET', '/v1/integrations')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'storage_unavailable' })
    expect(text).not.toContain('canary-cause')
    expect(world.lines.join()).toContain('canary-cause')
  })

  it('makes the Worker alive but not ready', async () => {
    const world = await createMailWorld({ db: broken() })
    expect((await world.call('GET', '/healthz')).status).toBe(200)
    const ready = await world.call('GET', '/readyz')
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await ready.json()).toMatchObject({
      status: 'failed',
      checks: {
        database: { status: 'failed', detail: expect.stringContaining('npx wrangler rollback') },
        key_ring: { status: 'ok' },
        checker: { status: 'ok' },
      },
    })
  })
})

describe('readiness', () => {
  it('is degraded without the checker, since tokens are issued, and does not reveal its URL', async () => {
    const world = await createWorld()
    const ready = await world.call('GET', '/readyz')
    expect(ready.status).toBe(200)
    expect(ready.headers.get('cache-control')).toBe('no-store')
    expect(await ready.clone().text()).not.toContain('checker.test')
    expect(await ready.json()).toMatchObject({
      status: 'degraded',
      checks: { database: { status: 'ok' }, checker: { status: 'degraded' } },
    })
  })

  it('is checked once for all callers within two seconds', async () => {
    let checks = 0
    const externalFetch = async () => {
      checks += 1
      return Response.json({ status: 'ok' })
    }
    const world = await createWorld({ externalFetch })
    const ask = () => Promise.all(Array.from({ length: 16 }, () => world.call('GET', '/readyz')))
    for (const moment of [1, 2]) {
      const bodies = await Promise.all((await ask()).map((response) => response.text()))
      expect(new Set(bodies).size).toBe(1)
      await world.call('GET', '/readyz')
      expect(checks).toBe(moment)
      world.advance(2)
    }
  })

  it('is checked again if the request that began a check has not ended it in five seconds', async () => {
    const hanging = Promise.withResolvers<Response>()
    let checks = 0
    const externalFetch = async () => {
      checks += 1
      return checks === 1 ? hanging.promise : Response.json({ status: 'ok' })
    }
    const world = await createWorld({ externalFetch })
    const first = world.call('GET', '/readyz')
    await expect.poll(() => checks).toBe(1)
    world.advance(5)
    await world.call('GET', '/readyz')
    expect(checks).toBe(2)
    hanging.resolve(Response.json({ status: 'ok' }))
    await first
  })

  it('requires every column of the newest migration', async () => {
    const world = await createWorld()
    const rename = (from: string, to: string) =>
      env.DB.exec(`ALTER TABLE app_tokens RENAME COLUMN ${from} TO ${to}`)
    await rename('written_by', 'missing')
    try {
      const ready = await world.call('GET', '/readyz')
      expect(await ready.json()).toMatchObject({ checks: { database: { status: 'failed' } } })
    } finally {
      await rename('missing', 'written_by')
    }
  })
})
