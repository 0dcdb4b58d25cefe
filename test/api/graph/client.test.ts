import { describe, expect, it } from 'vitest'
import { createGraph, newGraphRequestId } from '../../../api/graph/client.ts'
import { graphApiBase, mailboxPath } from '../../../api/graph/hosts.ts'
import { TEST_MESSAGE } from '../../../schema/probe.ts'
import { json, peer } from '../entra/http-stub.ts'

const NOW = new Date('2026-11-24T09:00:00.000Z')
const REQUEST_ID = '5f0e9c0a-6b1c-4b58-9d3e-0c6a1f2b3c4d'
const TOKEN = `eyJ0eXAi.${'c'.repeat(600)}.signature-of-the-token`
const request = {
  cloud: 'global',
  mailbox: '/me',
  accessToken: TOKEN,
  requestId: REQUEST_ID,
} as const

function graphOf(respond: Parameters<typeof peer>[0], options: object = {}) {
  const { http, seen } = peer(respond)
  return { graph: createGraph({ ...http, now: () => NOW, root: null, ...options }), seen }
}

const errorOf = (code: string, message: string, more: object = {}) => ({
  error: { code, message, ...more },
})
const refused = () => json(errorOf('ErrorMimeContentInvalidBase64String', 'Invalid base64.'), 400)
const accepted = () => new Response(null, { status: 202 })

describe('the probe of the permission to send', () => {
  it('is one POST whose body no message can be read from', async () => {
    const { graph, seen } = graphOf(refused)
    await graph.probeSending(request)
    expect(seen).toHaveLength(1)
    const [{ url, method, body, headers, init } = {}] = seen
    expect([method, url, body]).toEqual([
      'POST',
      'https://graph.microsoft.com/v1.0/me/sendMail',
      '!!!!',
    ])
    expect(init?.redirect).toBe('manual')
    expect(Object.fromEntries(headers ?? [])).toEqual({
      accept: 'application/json',
      authorization: `Bearer ${TOKEN}`,
      'client-request-id': REQUEST_ID,
      'content-type': 'text/plain',
    })
  })
})

describe('a test message through Graph', () => {
  it.each([
    [null, {}],
    ['sales@contoso.test', { from: { emailAddress: { address: 'sales@contoso.test' } } }],
  ])('from %s is JSON, and is saved in Sent Items', async (from, sender) => {
    const { graph, seen } = graphOf(accepted)
    await graph.sendMessage(request, { to: 'bob@contoso.test', from })
    expect(seen[0]?.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      message: {
        subject: TEST_MESSAGE.subject,
        body: { contentType: 'Text', content: TEST_MESSAGE.text },
        toRecipients: [{ emailAddress: { address: 'bob@contoso.test' } }],
        ...sender,
        internetMessageHeaders: [{ name: 'X-Auto-Response-Suppress', value: 'All' }],
      },
      saveToSentItems: true,
    })
  })
})

describe('a response of Graph', () => {
  const ask = async (respond: () => Response | Promise<Response>, options: object = {}) => {
    const { graph, seen } = graphOf(respond, options)
    const result = await graph.probeSending(request)
    expect(seen).toHaveLength(1)
    return result
  }
  const nothing = { code: null, message: null, requestId: null, retryAfterSeconds: null }

  it('has its code, its message and the ID of the request', async () => {
    const inner = { innererror: { 'request-id': REQUEST_ID } }
    expect(
      await ask(() => json(errorOf('ErrorAccessDenied', 'Access is denied.', inner), 403)),
    ).toEqual({
      kind: 'response',
      status: 403,
      code: 'ErrorAccessDenied',
      message: 'Access is denied.',
      requestId: REQUEST_ID,
      retryAfterSeconds: null,
    })
    const header = { 'request-id': REQUEST_ID, 'retry-after': 'Tue, 24 Nov 2026 09:00:30 GMT' }
    expect(await ask(() => json(errorOf('', ''), 429, header))).toEqual({
      ...nothing,
      kind: 'response',
      status: 429,
      requestId: REQUEST_ID,
      retryAfterSeconds: 30,
    })
  })

  it.each<[string, () => Response, number]>([
    ['a page of a gateway', () => new Response('<html>', { status: 503 }), 503],
    ['a 401 without a body', () => new Response(null, { status: 401 }), 401],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: '/x' } }), 302],
    ['JSON of something else', () => json({ error: 'no' }, 403), 403],
    ['an error with another shape', () => json({ error: { code: 7, message: [] } }, 400), 400],
    ['a code that is no word', () => json(errorOf('<b>', '\u0000'), 400), 400],
    ['more than 64 KiB', () => json(errorOf('Error', 'x '.repeat(33_000)), 400), 400],
  ])('that is %s has a status and nothing else', async (_what, respond, status) => {
    expect(await ask(respond)).toEqual({ ...nothing, kind: 'response', status })
  })

  it('never repeats the token, an address, nor more than 500 characters', async () => {
    const who = "'bob@fabrikam.example' (o\u2019neil+x@sub.contoso.test)"
    const message = `IDX14100: no dots in ${TOKEN}\u2028end of ${who}. ${'word '.repeat(300)}`
    const result = await ask(() => json(errorOf('InvalidAuthenticationToken', message), 401))
    if (result?.kind !== 'response') throw new Error('no response')
    expect(result.message).toMatch(
      /^IDX14100: no dots in \.\.\. end of '\.\.\.' \(\.\.\.\)\. word /,
    )
    expect(result.message).toHaveLength(500)
  })

  it('that does not come has a reason of a closed list', async () => {
    const broken = new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
    expect(await ask(() => Promise.reject(broken))).toEqual({
      kind: 'unreachable',
      reason: 'ECONNRESET',
    })
    const never = () => new Promise<Response>(() => undefined)
    expect(await ask(never, { timeoutMs: 5 })).toEqual({ kind: 'unreachable', reason: 'timeout' })
  })
})

describe('the URL of a mailbox', () => {
  it.each([
    ['global', 'https://graph.microsoft.com/v1.0'],
    ['us_gov_high', 'https://graph.microsoft.us/v1.0'],
    ['us_gov_dod', 'https://dod-graph.microsoft.us/v1.0'],
    ['china', 'https://microsoftgraph.chinacloudapi.cn/v1.0'],
  ] as const)('of the cloud %s begins with %s', (cloud, base) => {
    expect(graphApiBase(cloud, null)).toBe(base)
    expect(graphApiBase(cloud, 'http://127.0.0.1:8791')).toBe('http://127.0.0.1:8791/v1.0')
  })

  it.each([
    ['oauth', null, '/me'],
    ['oauth', 'A+b/C@contoso.test', '/me'],
    ['oauth', 'alice@contoso.test', '/users/a%2Bb%2Fc%40contoso.test'],
    ['app_only', null, '/users/a%2Bb%2Fc%40contoso.test'],
  ] as const)('with %s and the delegate %s is %s', (authentication, delegate, path) => {
    expect(mailboxPath({ authentication, username: 'a+b/c@contoso.test', delegate })).toBe(path)
  })

  it('goes with an ID of the request that is a GUID', () => {
    const id = newGraphRequestId((count) => new Uint8Array(count).fill(0xab))
    expect(id).toBe('abababab-abab-abab-abab-abababababab')
  })
})
