/**
 * A third-party product with its own page and backend. The API key stays in the backend; the page gets
 * only the two URLs of one authorization. A cookie holds the ID of the browser's own authorization, so
 * that no browser can read another's by guessing an ID.
 */
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Authorization, AuthorizationCreated } from '../../../schema/authorization.ts'

export type ThirdPartyOptions = {
  /** Origin of the Mailgrant API. */
  api: string
  apiKey: string
}

const files = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
} as const

/** API origin written in `page.js`, replaced with the configured one. */
const DEFAULT_API = 'http://localhost:8787'

/** Allows one script of the API and its status URL. */
const policy = (api: string) =>
  `default-src 'none'; script-src 'self' ${api}/connect.js; style-src 'self'; img-src data:; ` +
  `connect-src 'self' ${api}/oauth/status/; ` +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

export function createThirdParty({ api, apiKey }: ThirdPartyOptions) {
  const app = new Hono()
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    try {
      const response = await fetch(`${api}${path}`, { ...init, headers })
      return { status: response.status, body: await response.json() }
    } catch {
      return { status: 502, body: { detail: `The API at ${api} is unreachable.` } }
    }
  }

  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, async () => {
      const content = await readFile(new URL(file, import.meta.url), 'utf8')
      return new Response(content.replaceAll(DEFAULT_API, api), {
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

  /** Starts a sign-in. The API checks `origin` and `return_url` against its allowed origins. */
  app.post('/connection', async (c) => {
    const input: { username?: unknown; popup?: unknown } = await c.req.json().catch(() => ({}))
    const { origin } = new URL(c.req.url)
    const body = JSON.stringify({
      provider: 'microsoft',
      username: input.username,
      origin,
      // Without a popup the whole page navigates away and has to return.
      ...(input.popup !== true && { return_url: `${origin}/` }),
    })
    const response = await call('/v1/authorizations', { method: 'POST', body })
    if (response.status !== 201) return c.json({ message: messageOf(response) }, 502)
    const { id, url, status_url } = response.body as AuthorizationCreated
    setCookie(c, 'connection', id, { path: '/connection', httpOnly: true, sameSite: 'Lax' })
    return c.json({ url, status_url }, 201)
  })

  /** Returns the outcome. A real product would now save a mail account with the ID of the grant. */
  app.get('/connection', async (c) => {
    const id = encodeURIComponent(getCookie(c, 'connection') ?? 'none')
    const response = await call(`/v1/authorizations/${id}`)
    if (response.status !== 200) return c.json({ message: messageOf(response) }, 502)
    const authorization = response.body as Authorization
    const grant = authorization.status === 'completed' ? authorization.grant : null
    const problem = 'problem' in authorization ? authorization.problem : null
    return c.json({
      signed_in_as: grant?.signed_in_as ?? null,
      message: problem?.detail ?? null,
      next_step: problem?.diagnosis?.candidates[0]?.fixes[0]?.text ?? null,
    })
  })

  return app
}

const messageOf = ({ status, body }: { status: number; body: unknown }): string => {
  const { detail, title } = body as { detail?: string; title?: string }
  return detail ?? title ?? `The API answered ${status}.`
}
