import { describe, expect, it } from 'vitest'
import { ENTRA_MAX_BODY, getJson, postForm } from '../../../api/entra/http.ts'
import { json, peer } from './http-stub.ts'

const URL_ = 'https://login.example/common/oauth2/v2.0/token'
const form = () => new URLSearchParams({ grant_type: 'refresh_token', scope: 'a b' })
const post = (respond: Parameters<typeof peer>[0], timeoutMs?: number) => {
  const { http } = peer(respond)
  return postForm(timeoutMs === undefined ? http : { ...http, timeoutMs }, URL_, form())
}
const bytes = (text: string) => new TextEncoder().encode(text)
const JSON_TYPE = { headers: { 'content-type': 'application/json' } }

/** A body that sends its chunks and then stays open. */
const unfinished = (...chunks: Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk) controller.enqueue(chunk)
      return chunk ? undefined : new Promise(() => undefined)
    },
  })

describe('a form sent to Microsoft', () => {
  it('is a POST without Origin that follows no redirect', async () => {
    const { http, seen } = peer(() => json({ fine: true }))
    const result = await postForm(http, URL_, form())
    expect(result).toMatchObject({
      ok: true,
      response: { status: 200, json: { fine: true }, defect: null },
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      url: URL_,
      method: 'POST',
      body: 'grant_type=refresh_token&scope=a+b',
    })
    expect(seen[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(seen[0]?.headers.has('origin')).toBe(false)
    expect(seen[0]?.init.redirect).toBe('manual')
  })

  it('is sent by the fetch of the runtime too', async () => {
    const result = await postForm({ fetch: globalThis.fetch }, URL_, form())
    expect(result).toMatchObject({ ok: true, response: { status: 599, defect: 'content_type' } })
  })
})

describe('a response', () => {
  it.each(['application/json', 'Application/JSON;charset=utf-8', 'application/jwk-set+json'])(
    'of type %s is parsed',
    async (type) => {
      const { http } = peer(() => new Response('[1]', { headers: { 'content-type': type } }))
      expect(await getJson(http, URL_)).toMatchObject({ response: { json: [1], defect: null } })
    },
  )

  it('may begin with a byte order mark', async () => {
    const result = await post(() => new Response(bytes('\ufeff{"a":1}'), JSON_TYPE))
    expect(result).toMatchObject({ response: { json: { a: 1 }, defect: null } })
  })

  it('may arrive in chunks that split a character', async () => {
    const whole = bytes('{"name":"Zoë"}')
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(whole.slice(0, 12))
        controller.enqueue(whole.slice(12))
        controller.close()
      },
    })
    const result = await post(() => new Response(stream, JSON_TYPE))
    expect(result).toMatchObject({ response: { json: { name: 'Zoë' }, defect: null } })
  })

  it('may be exactly as large as the limit and not one byte larger', async () => {
    const text = (size: number) => JSON.stringify('x'.repeat(size - 2))
    expect(await post(() => json(text(ENTRA_MAX_BODY)))).toMatchObject({
      response: { defect: null },
    })
    expect(await post(() => json(text(ENTRA_MAX_BODY + 1)))).toMatchObject({
      response: { json: null, defect: 'too_large' },
    })
  })

  it.each<[string, string, () => Response]>([
    [
      'HTML',
      'content_type',
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    ],
    ['no content type', 'content_type', () => new Response(bytes('{}'))],
    [
      'a look-alike type',
      'content_type',
      () => new Response('{}', { headers: { 'content-type': 'application/jsonp' } }),
    ],
    ['truncated JSON', 'not_json', () => json('{"access_token":"abc')],
    ['two JSON values', 'not_json', () => json('{}{}')],
    ['only spaces', 'not_json', () => json('  ')],
    [
      'UTF-16',
      'not_json',
      () => new Response(new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), JSON_TYPE),
    ],
    [
      'invalid UTF-8',
      'not_json',
      () => new Response(new Uint8Array([0x22, 0xc3, 0x28, 0x22]), JSON_TYPE),
    ],
    ['an empty body', 'empty', () => json('')],
    ['status 204', 'empty', () => new Response(null, { status: 204 })],
    ['10 MB', 'too_large', () => json('"'.padEnd(10_000_000, 'x'))],
    [
      'status 301',
      'redirect',
      () => new Response(null, { status: 301, headers: { location: 'https://evil.example/' } }),
    ],
    ['status 302', 'redirect', () => json({ a: 1 }, 302, { location: 'https://evil.example/' })],
    ['status 307', 'redirect', () => json({ a: 1 }, 307, { location: 'https://evil.example/' })],
  ])('with %s has the defect %s', async (_, defect, respond) => {
    const { http, seen } = peer(respond)
    expect(await postForm(http, URL_, form())).toMatchObject({
      ok: true,
      response: { json: null, defect },
    })
    expect(seen).toHaveLength(1)
  })

  it('keeps its status and headers when its body is defective', async () => {
    const respond = () =>
      new Response('slow down', { status: 429, headers: { 'retry-after': '60' } })
    const result = await post(respond)
    if (!result.ok) throw new Error('no answer')
    expect(result.response.status).toBe(429)
    expect(result.response.headers.get('retry-after')).toBe('60')
  })

  it('whose body breaks off is truncated', async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error('reset by peer'))
      },
    })
    expect(await post(() => new Response(stream, JSON_TYPE))).toMatchObject({
      response: { json: null, defect: 'truncated' },
    })
  })

  it('whose body never ends is cancelled at the size limit', async () => {
    let sent = 0
    let cancelled = false
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(0x20))
      },
      cancel() {
        cancelled = true
      },
    })
    expect(await post(() => new Response(stream, JSON_TYPE))).toMatchObject({
      response: { defect: 'too_large' },
    })
    expect(cancelled).toBe(true)
    expect(sent).toBeLessThan(4 * ENTRA_MAX_BODY)
  })
})

describe('a request without a response', () => {
  const caused = (cause: unknown) => new TypeError('fetch failed', { cause })
  it.each<[string, string, unknown]>([
    ['a code of the list', 'ENOTFOUND', caused({ code: 'ENOTFOUND' })],
    [
      'a code below another error',
      'ECONNRESET',
      caused({ code: 'X', cause: { code: 'ECONNRESET' } }),
    ],
    ['a code that is not listed', 'unknown', caused({ code: 'canary' })],
    ['a name that every object inherits', 'unknown', caused({ code: 'toString' })],
    ['an error without a cause', 'unknown', new Error('getaddrinfo ENOTFOUND canary')],
    ['a thrown string', 'unknown', 'ECONNREFUSED'],
  ])('is unreachable, for a reason of a closed list: %s', async (_, code, error) => {
    const failure = { kind: 'unreachable', host: 'login.example', code }
    expect(await post(() => Promise.reject(error))).toEqual({ ok: false, failure })
  })

  it('is a timeout when the server never responds, and is aborted', async () => {
    const { http, seen } = peer(() => new Promise(() => undefined))
    const result = await postForm({ ...http, timeoutMs: 5 }, URL_, form())
    expect(result).toEqual({ ok: false, failure: { kind: 'timeout' } })
    expect(seen[0]?.init.signal?.aborted).toBe(true)
  })

  it('is a timeout, not unreachable, when fetch rejects because of the abort', async () => {
    const respond = ({ init }: { init: RequestInit }) =>
      new Promise<Response>((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    expect(await post(respond, 5)).toEqual({ ok: false, failure: { kind: 'timeout' } })
  })

  it('is a timeout when the deadline of its purpose passes first, and is aborted', async () => {
    const deadline = new AbortController()
    const { http, seen } = peer(() => {
      deadline.abort()
      return new Promise(() => undefined)
    })
    const result = await postForm(http, URL_, form(), deadline.signal)
    expect(result).toEqual({ ok: false, failure: { kind: 'timeout' } })
    expect(seen[0]?.init.signal?.aborted).toBe(true)
  })

  it('is a timeout and never sent after the deadline', async () => {
    const { http, seen } = peer(() => json({}))
    const result = await getJson(http, URL_, AbortSignal.abort())
    expect(result).toEqual({ ok: false, failure: { kind: 'timeout' } })
    expect(seen).toEqual([])
  })

  it('is a timeout when the server stops in the middle of the body', async () => {
    const stream = unfinished(bytes('{"access_'))
    expect(await post(() => new Response(stream, JSON_TYPE), 5)).toEqual({
      ok: false,
      failure: { kind: 'timeout' },
    })
  })
})
