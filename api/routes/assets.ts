/**
 * The files that browsers load: console, `/connect.js`, the API's document, style and script of the pages. api/build.ts
 * makes them; here stands at which address each is served and with what headers.
 * Nothing else reaches the binding: a call of the API never waits for it.
 */
import type { Context } from 'hono'
import { type AppEnv, createRouter } from './app-env.ts'

type Headers = Record<string, string>

/** Nothing inline, nothing from elsewhere, no framing. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Asks each time, and is told "unchanged": the files of a page must be of one deployment. */
const fresh = { 'cache-control': 'no-cache' }

/** The console opens the sign-in in a popup, which a plain `same-origin` would cut off from it. */
const consoleHeaders: Headers = {
  ...fresh,
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'cross-origin-resource-policy': 'same-origin',
}

export const docsHeaders: Headers = {
  ...fresh,
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** For pages of others. Scripts of type `module` are fetched with CORS. */
const publicHeaders: Headers = {
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

const hostedHeaders: Headers = {
  'cache-control': 'public, max-age=300',
  'cross-origin-resource-policy': 'same-origin',
}

/** The file at this path. What the binding calls anything but the file is a 404. */
async function serve(c: Context<AppEnv>, path: string, headers: Headers): Promise<Response> {
  const known = c.req.header('if-none-match')
  const file = await c.get('services').assets(
    new Request(new URL(path, c.get('services').settings.publicUrl), {
      method: c.req.method,
      ...(known !== undefined && { headers: { 'if-none-match': known } }),
    }),
  )
  if (file.status !== 200 && file.status !== 304) return c.notFound()
  const response = new Response(file.body, { status: file.status })
  for (const name of ['content-type', 'etag']) {
    const value = file.headers.get(name)
    if (value !== null) response.headers.set(name, value)
  }
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}

/** The file at the address of the request. */
export const file = (headers: Headers) => (c: Context<AppEnv>) => serve(c, c.req.path, headers)

export const assets = createRouter()
assets.get('/', (c) => c.redirect('/console/', 302))
assets.get('/console', (c) => c.redirect('/console/', 308))
assets.get('/console/', (c) => serve(c, '/console/index.html', consoleHeaders))
assets.get('/console/*', file(consoleHeaders))
assets.get('/connect.js', file(publicHeaders))
assets.get('/connect.d.ts', file({ ...publicHeaders, 'content-type': 'text/plain; charset=utf-8' }))
assets.get('/icon.svg', file(hostedHeaders))
assets.get('/openapi.json', file(publicHeaders))
assets.get('/oauth/page.css', file(hostedHeaders))
assets.get('/oauth/page.js', file(hostedHeaders))
