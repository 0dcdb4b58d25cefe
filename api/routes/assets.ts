/**
 * Paths and headers of the files that api/build.ts makes for browsers: the console, `/connect.js`, the
 * OpenAPI document, and style and script of the hosted pages; and of the script for mail programs.
 */
import type { Context } from 'hono'
import { parseAccept } from 'hono/utils/accept'
import type { Encoding } from '../files.ts'
import { type AppEnv, createRouter } from './app-env.ts'
import { isKnown } from './etag.ts'

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
  "require-trusted-types-for 'script'",
].join('; ')

export const docsHeaders: Headers = {
  // All files of a page must come from one deployment.
  'cache-control': 'no-cache',
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Headers of the console. A plain `same-origin` would separate it from the popup with the sign-in. */
const consoleHeaders: Headers = {
  ...docsHeaders,
  'cross-origin-opener-policy': 'same-origin-allow-popups',
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

/** Returns the coding that the client prefers (RFC 9110 section 12.5.3). Without the header, clients often accept none. */
function encodingFor(acceptEncoding = ''): Encoding {
  const known = parseAccept(acceptEncoding).flatMap(({ type, q }) => {
    const encoding = ENCODINGS.find((one) => one === type.toLowerCase())
    return encoding !== undefined && q > 0 ? [{ encoding, q }] : []
  })
  return known.toSorted((a, b) => b.q - a.q)[0]?.encoding ?? 'identity'
}

const ENCODINGS: readonly Encoding[] = ['gzip', 'identity']

type Options = { kind?: 'example'; status?: 200 | 404 }

/** Sends a file as it is prepared, compressed if the client accepts that. Returns null if it is missing. */
export async function send(
  c: Context<AppEnv>,
  path: string,
  headers: Headers,
  { kind, status = 200 }: Options = {},
): Promise<Response | null> {
  const file = await c.get('services').files(path, kind)
  if (file === null) return null
  const encoding = encodingFor(c.env.acceptEncoding ?? c.req.header('accept-encoding'))
  const { body, etag } = file[encoding]
  const all: Headers = { 'content-type': file.type, etag, vary: 'accept-encoding', ...headers }
  if (status === 200 && isKnown(c.req.header('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers: all })
  }
  if (encoding !== 'identity') all['content-encoding'] = encoding
  // `manual`: workerd would compress it again.
  return new Response(body, { status, headers: all, encodeBody: 'manual' })
}

async function serve(c: Context<AppEnv>, path: string, headers: Headers, options?: Options) {
  return (await send(c, path, headers, options)) ?? c.notFound()
}

/** Returns the text of a file. Throws if it is missing. */
export async function readText(c: Context<AppEnv>, path: string): Promise<string> {
  const file = await c.get('services').files(path)
  if (file === null) throw new Error(`The file ${path} is missing`)
  return new TextDecoder().decode(file.identity.body)
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
assets.get('/mailgrant-token', (c) =>
  serve(
    c,
    '/mailgrant-token',
    { ...hostedHeaders, 'content-type': 'text/plain; charset=utf-8' },
    { kind: 'example' },
  ),
)
