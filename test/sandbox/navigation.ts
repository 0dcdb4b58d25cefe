/**
 * The request headers that tell a server where a navigation comes from, as browsers set them:
 * Sec-Fetch-* (Fetch Metadata), Origin and Referer (Fetch standard), and the SameSite rules for cookies.
 * Servers protect their forms with these, so a scripted browser must be as strict as a real one.
 */
import { getPublicSuffix } from 'tough-cookie'

/** The page that started a navigation; null for the address bar. */
export type Initiator = { url: string; referrerPolicy: string } | null

type Site = 'none' | 'same-origin' | 'same-site' | 'cross-site'

const suffixOptions = { ignoreError: true, allowSpecialUseDomain: true }

/** Returns scheme and registrable domain, without the port: `localhost` and `127.0.0.1` are two sites. */
function siteOf(url: URL): string {
  return `${url.protocol}//${getPublicSuffix(url.hostname, suffixOptions) ?? url.hostname}`
}

/** Classifies the whole redirect chain: a single foreign URL makes it cross-site. */
function fetchSite(initiator: Initiator, chain: readonly URL[]): Site {
  if (initiator === null) return 'none'
  const from = new URL(initiator.url)
  if (chain.some((url) => siteOf(url) !== siteOf(from))) return 'cross-site'
  return chain.every((url) => url.origin === from.origin) ? 'same-origin' : 'same-site'
}

/** Applies RFC 6265bis section 5.2: a navigation from another site carries Lax cookies, on GET only. */
export function cookieContext(
  initiator: Initiator,
  target: URL,
  method: string,
): 'strict' | 'lax' | 'none' {
  if (initiator === null || siteOf(new URL(initiator.url)) === siteOf(target)) return 'strict'
  return method === 'GET' ? 'lax' : 'none'
}

const isDowngrade = (from: URL, to: URL) => from.protocol === 'https:' && to.protocol === 'http:'

/** Returns the Origin of a form post. Under `no-referrer` browsers send `null`, even to the same origin. */
function originHeader(initiator: NonNullable<Initiator>, target: URL): string {
  const from = new URL(initiator.url)
  const foreign = from.origin !== target.origin
  switch (initiator.referrerPolicy) {
    case 'no-referrer':
      return 'null'
    case 'same-origin':
      return foreign ? 'null' : from.origin
    case 'origin':
    case 'origin-when-cross-origin':
    case 'unsafe-url':
      return from.origin
    default:
      return isDowngrade(from, target) ? 'null' : from.origin
  }
}

function refererHeader(initiator: NonNullable<Initiator>, target: URL): string | null {
  const from = new URL(initiator.url)
  const foreign = from.origin !== target.origin
  const full = `${from.origin}${from.pathname}${from.search}`
  const policy = initiator.referrerPolicy
  if (policy === 'no-referrer' || (policy === 'same-origin' && foreign)) return null
  if (policy === 'unsafe-url') return full
  if (isDowngrade(from, target)) return null
  if (policy === 'no-referrer-when-downgrade') return full
  return foreign || policy === 'origin' || policy === 'strict-origin' ? `${from.origin}/` : full
}

/** Returns the headers of one request of a navigation; `chain` ends with its target. */
export function navigationHeaders(
  initiator: Initiator,
  chain: readonly [URL, ...URL[]],
  method: string,
): Record<string, string> {
  const target = chain.at(-1) ?? chain[0]
  const headers: Record<string, string> = {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'sec-fetch-site': fetchSite(initiator, chain),
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-user': '?1',
    'upgrade-insecure-requests': '1',
  }
  if (initiator === null) return headers
  const referer = refererHeader(initiator, target)
  if (referer !== null) headers.referer = referer
  if (method !== 'GET') headers.origin = originHeader(initiator, target)
  return headers
}
