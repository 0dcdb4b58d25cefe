/**
 * Where an authorization may answer to: `origin` and `return_url`, compared by exact origin with the
 * deployment's list. Parsed once, by the parser that browsers use, and kept as it was parsed.
 */
import { ok, type Result, refuse } from '../../result.ts'

export type Places = { origin: string | null; returnUrl: string | null }

type Input = { origin?: string | undefined; return_url?: string | undefined }

export function readPlaces(allowed: readonly string[], input: Input): Result<Places> {
  const origin = input.origin === undefined ? null : parse(input.origin)
  // An origin and nothing more: a path would promise a precision that browsers do not give.
  if (origin !== null && (!isAllowed(origin, allowed) || origin.href !== `${origin.origin}/`)) {
    return notAllowed('/origin')
  }
  const returnUrl = input.return_url === undefined ? null : parse(input.return_url)
  if (returnUrl !== null && !isAllowed(returnUrl, allowed)) return notAllowed('/return_url')
  return ok({ origin: origin?.origin ?? null, returnUrl: returnUrl?.href ?? null })
}

const parse = (text: string): URL | 'unusable' => (URL.canParse(text) ? new URL(text) : 'unusable')

function isAllowed(url: URL | 'unusable', allowed: readonly string[]): url is URL {
  if (url === 'unusable') return false
  // `blob:` names the origin inside it as its own, and is no page.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  return allowed.includes(url.origin) && url.username === '' && url.password === ''
}

const notAllowed = (pointer: '/origin' | '/return_url') =>
  refuse(
    'origin_not_allowed',
    pointer === '/origin'
      ? '`origin` must be exactly one of the origins in ALLOWED_ORIGINS.'
      : '`return_url` must have one of the origins in ALLOWED_ORIGINS.',
    { errors: [{ pointer, message: 'is not at an allowed origin' }] },
  )

/** `return_url` with the outcome and nothing else; null when there is none. */
export function nextPlace(
  authorization: { id: string; returnUrl: string | null },
  status: 'completed' | 'failed',
): string | null {
  if (authorization.returnUrl === null) return null
  const url = new URL(authorization.returnUrl)
  url.searchParams.set('authorization', authorization.id)
  url.searchParams.set('status', status)
  return url.href
}
