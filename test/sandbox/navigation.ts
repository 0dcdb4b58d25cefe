/**
 * The request headers that tell a server where a navigation comes from, as browsers set them:
 * Sec-Fetch-* (Fetch Metadata), Origin and Referer (Fetch standard), and the SameSite rules for cookies.
 * Servers protect their forms with these, so a scripted browser must be as strict as a real one.
 */
import { getPublicSuffix } from 'tough-cookie'

/**
 * The page that started a navigation; null for the address bar. Mailgrant's pages have the policy `no-referrer`,
 * all others that of browsers by default, `strict-origin-when-cross-origin`, here without downgrades from HTTPS.
 */
export type Initiator = { url: string; referrerPolicy: string } | null

type Site = 'none' | 'same-origin' | 'same-site' | 'cross-site'

const suffixOptions = { ignoreError: true, allowSpecialUseDomain: true }

/** Returns scheme and registrable domain, without the port: `localhost` and `127.0.0.1` are two sites. */
function siteOf(url: URL): string {
  return `${url.protocol}//${getPublicSuffix(url.hostname, suffixOptions) ?? url.hostname}`
}

/** Classifies the whole redirect chain, since a single foreign URL makes it cross-site. */
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

/** Returns the Origin of a form post. Under `no-referrer` browsers send `null`, even to the same origin. */
const originHeader = ({ url, referrerPolicy }: NonNullable<Initiator>): string =>
  referrerPolicy === 'no-referrer' ? 'null' : new URL(url).origin

function refererHeader({ url, referrerPolicy }: NonNullable<Initiator>, target: URL) {
  if (referrerPolicy === 'no-referrer') return null
  const { origin, pathname, search } = new URL(url)
  return origin === target.origin ? `${origin}${pathname}${search}` : `${origin}/`
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
  if (method !== 'GET') headers.origin = originHeader(initiator)
  return headers
}
