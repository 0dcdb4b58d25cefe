/**
 * Paths and headers of the files that api/build.ts makes for browsers: the console, `/connect.js`, the
 * OpenAPI document, and style and script of the hosted pages; and of the script for mail programs.
 */
import type { Context } from 'hono'
import { etag } from 'hono/etag'
import { EXAMPLE_URL } from '../paths.ts'
import { type AppEnv, createRouter } from './app-env.ts'

type Headers = Record<string, string>

/** Forbids inline code, other origins and framing. */
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

/** Revalidates each time: all files of a page must come from one deployment. */
const revalidate = { 'cache-control': 'no-cache' }

/** Headers of the console. A plain `same-origin` would separate it from the popup with the sign-in. */
const consoleHeaders: Headers = {
  ...revalidate,
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'cross-origin-resource-policy': 'same-origin',
}

export const docsHeaders: Headers = {
  ...revalidate,
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Headers of files for other sites. Scripts of type `module` are fetched with CORS. */
const publicHeaders: Headers = {
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

const hostedHeaders: Headers = {
  'cache-control': 'public, max-age=300',
  'cross-origin-resource-policy': 'same-origin',
}

/** Serves a file from the binding, whose other responses (redirects, errors) become a 404. */
async function serve(c: Context<AppEnv>, path: string, headers: Headers): Promise<Response> {
  const ifNoneMatch = c.req.header('if-none-match')
  const file = await c.get('services').assets(
    new Request(new URL(path, c.get('services').settings.publicUrl), {
      method: c.req.method,
      ...(ifNoneMatch !== undefined && { headers: { 'if-none-match': ifNoneMatch } }),
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

/** Returns an example with the address of this deployment in it. Returns null if the file is missing. */
export async function readExample(c: Context<AppEnv>, path: string): Promise<string | null> {
  const { publicUrl } = c.get('services').settings
  const file = await c.get('services').assets(new Request(new URL(path, publicUrl)))
  if (file.status !== 200) return null
  return (await file.text()).replaceAll(EXAMPLE_URL, () => publicUrl)
}

/** Serves the file at the path of the request. */
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
assets.get('/mailgrant-token', etag(), async (c) => {
  const script = await readExample(c, '/mailgrant-token')
  return script === null ? c.notFound() : c.text(script, 200, hostedHeaders)
})
