/**
 * A third-party product with its own page and its own backend. The API key stays in the backend; the
 * page gets the two URLs of one authorization and no more. Which authorization is a browser's own
 * stands in its cookie, so that nobody reads another's by naming it.
 */
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Authorization, AuthorizationCreated } from '../../../schema/authorization.ts'

export type ThirdPartyOptions = {
  /** Origin of the Mailgrant API. */
  api: string
  apiKey: string
  fetch?: typeof globalThis.fetch
}

const files = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
} as const

/** Where `page.js` expects the API; another address is put in its place. */
const WRITTEN = 'http://localhost:8787'

/** Of the API the page loads one script, and asks the status URL. */
const policy = (api: string) =>
  `default-src 'none'; script-src 'self' ${api}/connect.js; style-src 'self'; img-src data:; ` +
  `connect-src 'self' ${api}/oauth/status/; ` +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

export function createThirdParty({ api, apiKey, fetch = globalThis.fetch }: ThirdPartyOptions) {
  const app = new Hono()
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    try {
      const response = await fetch(`${api}${path}`, { ...init, headers })
      return { status: response.status, body: await response.json() }
    } catch {
      return { status: 502, body: { detail: `The API at ${api} does not answer.` } }
    }
  }

  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, async () => {
      const content = await readFile(new URL(file, import.meta.url), 'utf8')
      return new Response(content.replaceAll(WRITTEN, api), {
        headers: {
          'content-type': type,
          'content-security-policy': policy(api),
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        },
      })
    })
  }

  /** The button was pressed. The API checks `origin` and `return_url` against its list. */
  app.post('/connection', async (c) => {
    const input: { username?: unknown; popup?: unknown } = await c.req.json().catch(() => ({}))
    const { origin } = new URL(c.req.url)
    const body = JSON.stringify({
      provider: 'microsoft',
      username: input.username,
      origin,
      // Without a popup the whole page goes, and has to find back.
      ...(input.popup !== true && { return_url: `${origin}/` }),
    })
    const answer = await call('/v1/authorizations', { method: 'POST', body })
    if (answer.status !== 201) return c.json({ message: readable(answer) }, 502)
    const { id, url, status_url } = answer.body as AuthorizationCreated
    setCookie(c, 'connection', id, { path: '/connection', httpOnly: true, sameSite: 'Lax' })
    return c.json({ url, status_url }, 201)
  })

  /** How it ended. Here a real product saves a mail account with the id of the grant. */
  app.get('/connection', async (c) => {
    const id = encodeURIComponent(getCookie(c, 'connection') ?? 'none')
    const answer = await call(`/v1/authorizations/${id}`)
    if (answer.status !== 200) return c.json({ message: readable(answer) }, 502)
    const { grant, problem } = answer.body as Authorization
    return c.json({
      signed_in_as: grant?.signed_in_as ?? null,
      message: problem?.detail ?? null,
      next_step: problem?.diagnosis?.candidates[0]?.fixes[0]?.text ?? null,
    })
  })

  return app
}

const readable = ({ status, body }: { status: number; body: unknown }): string => {
  const { detail, title } = body as { detail?: string; title?: string }
  return detail ?? title ?? `The API answered ${status}.`
}
