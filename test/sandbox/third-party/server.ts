/**
 * A third-party product with its own page and its own backend. The API key stays in the backend;
 * the page gets the two URLs of one authorization and no more. `page.js` is all the script there is.
 */
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'

export type ThirdPartyOptions = {
  /** Origin of the Mailgrant API as this backend reaches it. */
  api: string
  apiKey: string
  fetch?: typeof globalThis.fetch
}

const files = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
} as const

/** The page polls the API itself, with the status URL: so `connect-src` names it. */
const policy = (api: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${api}; ` +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

export function createThirdParty({ api, apiKey, fetch = globalThis.fetch }: ThirdPartyOptions) {
  const app = new Hono()
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    try {
      const response = await fetch(`${api}${path}`, { ...init, headers })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    } catch {
      return { status: 502, body: { detail: `The API at ${api} does not answer.` } }
    }
  }

  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, async () => {
      const content = await readFile(new URL(file, import.meta.url))
      return new Response(content, {
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

  /** "Connect mailbox" was pressed. `origin` is this page's: the API checks it against its list. */
  app.post('/connections', async (c) => {
    const { username } = (await c.req.json().catch(() => ({}))) as { username?: unknown }
    const body = JSON.stringify({
      provider: 'microsoft',
      username,
      origin: new URL(c.req.url).origin,
    })
    const answer = await call('/v1/authorizations', { method: 'POST', body })
    if (answer.status !== 201) return c.json({ problem: readable(answer) }, 502)
    const { id, url, status_url } = answer.body
    return c.json({ id, url, status_url }, 201)
  })

  /** Who signed in is told to the backend only, never to the page by the popup. */
  app.get('/connections/:id', async (c) => {
    const answer = await call(`/v1/authorizations/${encodeURIComponent(c.req.param('id'))}`)
    if (answer.status !== 200) return c.json({ problem: readable(answer) }, 502)
    const grant = answer.body.grant as { signed_in_as?: string } | null | undefined
    return c.json({ status: answer.body.status, signed_in_as: grant?.signed_in_as ?? null })
  })

  return app
}

const readable = ({ status, body }: { status: number; body: Record<string, unknown> }): string =>
  String(body.detail ?? body.title ?? `The API answered ${status}.`)
