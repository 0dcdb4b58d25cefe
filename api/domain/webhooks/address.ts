/**
 * Rules for webhook addresses. A Worker's fetch cannot pin an IP address, so the URL alone decides:
 * https, the default port, a public host name; redirects are not followed. Pure.
 */
import type { WebhookAddressIssue } from '../../model/reason.ts'
import { invalid, ok, type Result } from '../../model/result.ts'

/** Host names of private networks (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const PRIVATE_NAME =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|localdomain|home|corp|test|invalid|onion|arpa)$/
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Returns the URL in its normal form, without a fragment. */
export function checkAddress(
  text: string,
  settings: { publicUrl: string; checkerUrl: string | null; allowLoopbackWebhooks: boolean },
): Result<string> {
  const url = URL.parse(text)
  if (!url) return invalidUrl('not_a_url')
  if (url.username !== '' || url.password !== '') return invalidUrl('url_with_credentials')
  url.hash = ''
  if (settings.allowLoopbackWebhooks && LOOPBACK.test(url.hostname)) return ok(url.href)
  if (url.protocol !== 'https:') return invalidUrl('not_https')
  if (url.port !== '') return invalidUrl('unusual_port')
  const name = url.hostname.replace(/\.+$/, '')
  // The URL parser has normalised every notation of an IPv4 address to four numbers.
  if (/^[\d.]+$/.test(name) || name.startsWith('[')) return invalidUrl('ip_address')
  if (!name.includes('.') || PRIVATE_NAME.test(name)) return invalidUrl('private_name')
  const ownUrls = [settings.publicUrl, settings.checkerUrl ?? settings.publicUrl]
  const ownHosts = ownUrls.map((part) => new URL(part).hostname)
  if (ownHosts.includes(name)) return invalidUrl('own_host')
  return ok(url.href)
}

const invalidUrl = (issue: WebhookAddressIssue['issue']) => invalid('/url', { issue })
