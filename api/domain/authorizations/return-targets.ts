/**
 * Return targets of an authorization: `origin` and `return_url`, compared by exact origin with the
 * deployment's list. Parsed once, by the parser that browsers use, and stored as parsed.
 */
import { ok, type Result, refuse } from '../../model/result.ts'
import type { Services } from '../../services.ts'

export type ReturnTargets = { origin: string | null; returnUrl: string | null }

type Input = { origin?: string | undefined; return_url?: string | undefined }

export function parseReturnTargets(
  { allowedOrigins, urls }: Pick<Services['settings'], 'allowedOrigins' | 'urls'>,
  input: Input,
): Result<ReturnTargets> {
  const origin = input.origin === undefined ? null : parse(input.origin)
  // No path: browsers compare origins only.
  if (
    origin !== null &&
    (!isAllowed(origin, allowedOrigins) || origin.href !== `${origin.origin}/`)
  ) {
    return notAllowed('origin', allowedOrigins)
  }
  const returnUrl = input.return_url === undefined ? null : parse(input.return_url)
  if (returnUrl === null) return ok({ origin: origin?.origin ?? null, returnUrl })
  if (!isAllowed(returnUrl, allowedOrigins) || isWithin(returnUrl, new URL(urls.hostedPages))) {
    return notAllowed('return_url', allowedOrigins)
  }
  return ok({ origin: origin?.origin ?? null, returnUrl: returnUrl.href })
}

const parse = (text: string): URL | 'unusable' => (URL.canParse(text) ? new URL(text) : 'unusable')

function isAllowed(url: URL | 'unusable', allowed: readonly string[]): url is URL {
  if (url === 'unusable') return false
  // A `blob:` URL also has an origin but is not a page.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  return allowed.includes(url.origin) && url.username === '' && url.password === ''
}

/**
 * Excludes our own sign-in pages: a link of another authorization that is opened from one of them
 * would count as opened from the console, which skips the consent page. Routes match the decoded path,
 * and so does this.
 */
function isWithin(url: URL, pages: URL): boolean {
  let path = url.pathname
  try {
    path = decodeURI(path)
  } catch {
    // All our pages have paths that can be decoded.
  }
  return url.origin === pages.origin && `${path}/`.startsWith(`${pages.pathname}/`)
}

const notAllowed = (field: 'origin' | 'return_url', allowed: readonly string[]) =>
  refuse({ reason: 'return_target_not_allowed', field, allowed })
