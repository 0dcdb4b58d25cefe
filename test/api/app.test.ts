import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createWorld, ROOT_KEY } from './harness.ts'

const raw = (path: string, method: string, body: BodyInit | null, type = 'application/json') =>
  new Request(`http://localhost:8787${path}`, {
    method,
    headers: { authorization: `Bearer ${ROOT_KEY}`, 'content-type': type },
    body,
    // Node asks for it, workerd does not know it.
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })

describe('bad input', () => {
  it.each([
    ['malformed JSON', '{"client_id":', 400, 'invalid_json'],
    ['an empty body', '', 400, 'invalid_json'],
    ['an array', '[]', 422, 'validation_failed'],
    ['null', 'null', 422, 'validation_failed'],
    ['a wrong type', '{"client_id": 7}', 422, 'validation_failed'],
  ])('%s is a problem that says what to do', async (_name, body, status, code) => {
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

  it.each(['text/plain', 'text/json'])('with the content type %s is 415', async (type) => {
    const world = await createWorld()
    const request = raw('/v1/integrations/microsoft/settings', 'PUT', '{}', type)
    const response = await world.send(request)
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' })
  })

  it('that is not UTF-8 is refused, rather than stored as something else', async () => {
    const world = await createWorld()
    const body = new TextEncoder().encode('{"protocol": "imap", "error": "Stra?e"}')
    body[body.indexOf(0x3f)] = 0xdf
    const response = await world.send(raw('/v1/diagnoses', 'POST', body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'invalid_json',
      detail: 'The request body is not valid UTF-8.',
    })
  })

  it('is told in plain words what is missing, and how a time is written', async () => {
    const world = await createWorld()
    const body = { scopes: ['read'], expires_at: '2030-01-01T00:00:00+01:00' }
    const response = await world.call('POST', '/v1/api-keys', body)
    expect(await response.json()).toMatchObject({
      errors: [
        { pointer: '/name', message: 'is required' },
        { pointer: '/expires_at', message: 'must be a time in UTC such as 2030-01-31T09:30:00Z' },
      ],
    })
  })

  it.each(['alice@contoso.test\u200b', '\u202ealice@contoso.test', '\ud800lice@contoso.test'])(
    'in an address, that nobody sees, is refused: %j',
    async (username) => {
      const world = await createWorld()
      const body = { provider: 'microsoft', username }
      const refused = await world.call('POST', '/v1/authorizations', body)
      expect(refused.status).toBe(422)
      expect(await refused.json()).toMatchObject({
        errors: [{ pointer: '/username', message: 'must not contain invisible characters' }],
      })
    },
  )

  it('may be a diagnosis of 64 KiB of whatever, escaped as JSON must', async () => {
    const world = await createWorld()
    const diagnose = (length: number) =>
      world.call('POST', '/v1/diagnoses', { protocol: 'imap', error: '\u0001'.repeat(length) })
    const answer = await diagnose(64 * 1024)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ verdict: 'unknown' })
    expect((await diagnose(128 * 1024)).status).toBe(413)
  })

  it('of more than 64 KiB is 413, whether it says its length or not', async () => {
    const world = await createWorld()
    const body = `"${'x'.repeat(64 * 1024)}"`
    const stream = new Response(body).body
    for (const sent of [body, stream]) {
      const response = await world.send(raw('/v1/integrations/microsoft/settings', 'PUT', sent))
      expect(response.status).toBe(413)
      expect(await response.json()).toMatchObject({ code: 'payload_too_large' })
    }
  })

  it('at an unknown address is 404, with another method 405 and what is allowed', async () => {
    const world = await createWorld()
    const nowhere = await world.call('GET', '/v1/nothing')
    expect(nowhere.status).toBe(404)
    expect(await nowhere.json()).toMatchObject({ code: 'not_found' })
    const wrong = await world.call('DELETE', '/v1/integrations')
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET, HEAD')
    expect(await wrong.json()).toMatchObject({ code: 'method_not_allowed' })
  })

  it('in a cursor or a limit of a list is 422, never a failure of ours', async () => {
    const world = await createWorld()
    for (const limit of ['0', '201', 'x', '1.5', '1&limit=2']) {
      const refused = await world.call('GET', `/v1/events?limit=${limit}`)
      expect(refused.status).toBe(422)
      expect(await refused.json()).toMatchObject({
        errors: [{ pointer: '?limit', message: 'must be an integer from 1 to 200' }],
      })
    }
    for (const cursor of ['', 'x', '%00', 'MS54LQ', "';DROP TABLE events"]) {
      const refused = await world.call('GET', `/v1/events?cursor=${cursor}`)
      expect(refused.status).toBe(422)
      expect(await refused.json()).toMatchObject({ errors: [{ pointer: '?cursor' }] })
    }
  })
})

describe('every answer', () => {
  it('carries a request id and the headers of a careful server', async () => {
    const world = await createWorld()
    for (const path of ['/healthz', '/v1/integrations', '/v1/nothing']) {
      const response = await world.call('GET', path)
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('does not repeat a request id that could break a log line', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/healthz', undefined, { 'x-request-id': 'a b"c' })
    expect(response.headers.get('x-request-id')).not.toContain('"')
  })
})

describe('a database that fails', () => {
  const broken = () =>
    new Proxy(env.DB, {
      get: () => () => {
        throw new Error('D1_ERROR: Network connection lost. canary-cause')
      },
    })

  it('is 503 with a sentence, and its cause goes to the log only', async () => {
    const world = await createWorld({ db: broken() })
    const response = await world.call('GET', '/v1/integrations')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'storage_unavailable' })
    expect(text).not.toContain('canary-cause')
    expect(world.lines.join()).toContain('canary-cause')
  })

  it('makes the Worker not ready, but alive', async () => {
    const world = await createWorld({
      db: broken(),
      externalFetch: async () => new Response('ok'),
    })
    expect((await world.call('GET', '/healthz')).status).toBe(200)
    const ready = await world.call('GET', '/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      status: 'failed',
      checks: {
        database: { status: 'failed' },
        key_ring: { status: 'ok' },
        checker: { status: 'ok' },
      },
    })
  })
})

describe('readiness', () => {
  it('needs the checker, and does not tell strangers where that is', async () => {
    const world = await createWorld()
    const ready = await world.call('GET', '/readyz')
    expect(ready.status).toBe(503)
    expect(ready.headers.get('retry-after')).toBe('5')
    expect(ready.headers.get('cache-control')).toBe('no-store')
    expect(await ready.clone().text()).not.toContain('checker.test')
    expect(await ready.json()).toMatchObject({
      checks: { database: { status: 'ok' }, checker: { status: 'failed' } },
    })
  })
})
