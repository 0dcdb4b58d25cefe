/**
 * Where an authorization may answer to: `origin` and `return_url`, compared by exact origin with the
 * deployment's list. Parsed once, by the parser that browsers use, and kept as it was parsed.
 */
import type { AuthorizationStatus } from '../../../schema/authorization.ts'
import { ok, type Result, refuse } from '../../result.ts'

export type Places = { origin: string | null; returnUrl: string | null }

type Input = { origin?: string | undefined; return_url?: string | undefined }

type Allowed = { publicUrl: string; allowedOrigins: readonly string[] }

export function readPlaces(
  { publicUrl, allowedOrigins: allowed }: Allowed,
  input: Input,
): Result<Places> {
  const origin = input.origin === undefined ? null : parse(input.origin)
  // An origin and nothing more: a path would promise a precision that browsers do not give.
  if (origin !== null && (!isAllowed(origin, allowed) || origin.href !== `${origin.origin}/`)) {
    return notAllowed('/origin')
  }
  const returnUrl = input.return_url === undefined ? null : parse(input.return_url)
  if (returnUrl !== null && !isAllowed(returnUrl, allowed)) return notAllowed('/return_url')
  if (returnUrl !== null && returnUrl.origin === publicUrl && isSignIn(returnUrl.pathname)) {
    return notAllowed('/return_url')
  }
  return ok({ origin: origin?.origin ?? null, returnUrl: returnUrl?.href ?? null })
}

const parse = (text: string): URL | 'unusable' => (URL.canParse(text) ? new URL(text) : 'unusable')

function isAllowed(url: URL | 'unusable', allowed: readonly string[]): url is URL {
  if (url === 'unusable') return false
  // `blob:` names the origin inside it as its own, and is no page.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  return allowed.includes(url.origin) && url.username === '' && url.password === ''
}

/**
 * Our own sign-in pages are no place to go back to: from one of them, the link of another
 * authorization would open as if from the console, without asking who wants what. Routes match the
 * path decoded, and so does this.
 */
function isSignIn(path: string): boolean {
  let decoded = path
  try {
    decoded = decodeURI(path)
  } catch {
    // No page of ours has a path that cannot be decoded.
  }
  return /^\/oauth(?:\/|$)/.test(decoded)
}

const notAllowed = (pointer: '/origin' | '/return_url') =>
  refuse(
    'origin_not_allowed',
    pointer === '/origin'
      ? '`origin` must be exactly one of the origins in ALLOWED_ORIGINS.'
      : '`return_url` must have one of the origins in ALLOWED_ORIGINS and be no sign-in page of this service.',
    { errors: [{ pointer, message: 'is not at an allowed origin' }] },
  )

/** `return_url` with the outcome and nothing else; null without one, or without an outcome yet. */
export function nextPlace(
  authorization: { id: string; returnUrl: string | null },
  status: AuthorizationStatus,
): string | null {
  if (authorization.returnUrl === null || status === 'pending') return null
  const url = new URL(authorization.returnUrl)
  url.searchParams.set('authorization', authorization.id)
  url.searchParams.set('status', status)
  return url.href
}
