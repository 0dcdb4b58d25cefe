import { describe, expect, it } from 'vitest'
import { createThirdParty } from './server.ts'

const PAGE = 'http://127.0.0.1:8790'
const API = 'http://localhost:8787'

type Call = { url: string; authorization: string | null; body: unknown }

/** The page's backend before an API that answers what it is told. */
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
  const connect = async () => {
    const body = JSON.stringify({ username: 'alice@contoso.test' })
    const response = await app.request(`${PAGE}/connections`, { method: 'POST', body })
    return { status: response.status, text: await response.text() }
  }
  return { app, calls, connect }
}

describe('the third-party backend', () => {
  it('starts an authorization for its own origin, with its key', async () => {
    const { calls, connect } = backend(201, { id: 'az_1', url: 'u', status_url: 's', more: 1 })
    expect(JSON.parse((await connect()).text)).toEqual({ id: 'az_1', url: 'u', status_url: 's' })
    expect(calls).toEqual([
      {
        url: `${API}/v1/authorizations`,
        authorization: 'Bearer mg_a_key',
        body: { provider: 'microsoft', username: 'alice@contoso.test', origin: PAGE },
      },
    ])
  })

  it('reads who signed in, and tells the page nothing else of the grant', async () => {
    const { app, calls } = backend(200, {
      status: 'completed',
      grant: { id: 'gr_1', signed_in_as: 'alice@contoso.test' },
    })
    const response = await app.request(`${PAGE}/connections/az_1`)
    expect(await response.json()).toEqual({
      status: 'completed',
      signed_in_as: 'alice@contoso.test',
    })
    expect(calls[0]?.url).toBe(`${API}/v1/authorizations/az_1`)
  })

  it('passes on why the API refused', async () => {
    const { connect } = backend(409, { code: 'integration_inactive', detail: 'It is inactive.' })
    expect(await connect()).toEqual({ status: 502, text: '{"problem":"It is inactive."}' })
  })

  it('says when the API is away', async () => {
    const app = createThirdParty({
      api: API,
      apiKey: 'mg_a_key',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    const response = await app.request(`${PAGE}/connections/az_1`)
    expect(await response.json()).toEqual({ problem: `The API at ${API} does not answer.` })
  })
})

describe('the third-party page', () => {
  it('runs its one script file and nothing inline, and holds no key', async () => {
    const { app } = backend(200, {})
    const page = await app.request(`${PAGE}/`)
    const html = await page.text()
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' ${API}`)
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/page.js">'])
    expect(html).not.toMatch(/<style|style=| on[a-z]+=/)
    const script = await app.request(`${PAGE}/page.js`)
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect(html + (await script.text())).not.toContain('mg_a_key')
  })
})
