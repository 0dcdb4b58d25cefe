import { describe, expect, it } from 'vitest'
import { createThirdParty } from './server.ts'

const PAGE = 'http://127.0.0.1:8790'
const API = 'http://localhost:9787'

type Call = { url: string; authorization: string | null; body: unknown }

/** The backend of the page, with an API that always gives this answer. */
function backend(status: number, answer: unknown) {
  const calls: Call[] = []
  const fetch = async (input: Request | URL | string, init?: RequestInit) => {
    const request = new Request(input, init)
    const text = await request.text()
    calls.push({
      url: request.url,
      authorization: request.headers.get('authorization'),
      body: text === '' ? null : JSON.parse(text),
    })
    return Response.json(answer, { status })
  }
  const app = createThirdParty({ api: API, apiKey: 'mg_a_key', fetch })
  const connect = (input: { popup?: boolean } = { popup: true }) => {
    const body = JSON.stringify({ username: 'alice@contoso.test', ...input })
    return app.request(`${PAGE}/connection`, { method: 'POST', body })
  }
  const read = async (cookie: string) => {
    const response = await app.request(`${PAGE}/connection`, { headers: { cookie } })
    return response.json()
  }
  return { app, calls, connect, read }
}

const created = { id: 'az_1', url: 'u', status_url: 's', more: 1 }

describe('the third-party backend', () => {
  it('reads the authorization of this browser and returns only who signed in', async () => {
    const cookie = (await backend(201, created).connect()).headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/)
    const { calls, read } = backend(200, {
      status: 'completed',
      grant: { id: 'gr_1', signed_in_as: 'alice@c.test' },
    })
    expect(await read(cookie.split(';')[0] ?? '')).toEqual({
      signed_in_as: 'alice@c.test',
      message: null,
      next_step: null,
    })
    expect(calls[0]?.url).toBe(`${API}/v1/authorizations/az_1`)
  })

  it('reports an unreachable API', async () => {
    const app = createThirdParty({
      api: API,
      apiKey: 'mg_a_key',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    const response = await app.request(`${PAGE}/connection`)
    expect(await response.json()).toEqual({ message: `The API at ${API} is unreachable.` })
  })
})

describe('the third-party page', () => {
  it('runs only its own script and connect.js, nothing inline, and contains no API key', async () => {
    const { app } = backend(200, {})
    const page = await app.request(`${PAGE}/`)
    const html = await page.text()
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain(`script-src 'self' ${API}/connect.js;`)
    expect(policy).toContain(`connect-src 'self' ${API}/oauth/status/;`)
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/page.js">'])
    expect(html).not.toMatch(/<style|style=| on[a-z]+=/)
    const script = await app.request(`${PAGE}/page.js`)
    expect(script.headers.get('content-type')).toContain('text/javascript')
    const text = await script.text()
    expect(text.match(/https?:[^']*/g)).toEqual([`${API}/connect.js`])
    expect(html + text).not.toContain('mg_a_key')
  })
})
