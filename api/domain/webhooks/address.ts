/**
 * Where webhooks may go. A Worker's fetch cannot pin an address, so what can be told from the URL is
 * told here: https, the usual port, a public name; and redirects are not followed. Pure.
 */
import type { WebhookAddressIssue } from '../../model/reason.ts'
import { invalid, ok, type Result } from '../../model/result.ts'

/** Names that mean something only inside a network (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const INSIDE =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|localdomain|home|corp|test|invalid|onion|arpa)$/
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

export function checkAddress(
  text: string,
  settings: { publicUrl: string; checkerUrl: string; allowLoopbackWebhooks: boolean },
): Result<string> {
  const url = URL.parse(text)
  if (!url) return wrong('not_a_url')
  if (url.username !== '' || url.password !== '') return wrong('url_with_credentials')
  url.hash = ''
  if (settings.allowLoopbackWebhooks && LOOPBACK.test(url.hostname)) return ok(url.href)
  if (url.protocol !== 'https:') return wrong('not_https')
  if (url.port !== '') return wrong('unusual_port')
  const name = url.hostname.replace(/\.+$/, '')
  // Every form of an IPv4 address has been normalised to four numbers by the URL parser.
  if (/^[\d.]+$/.test(name) || name.startsWith('[')) return wrong('ip_address')
  if (!name.includes('.') || INSIDE.test(name)) return wrong('private_name')
  const own = [settings.publicUrl, settings.checkerUrl].map((part) => new URL(part).hostname)
  if (own.includes(name)) return wrong('own_host')
  return ok(url.href)
}

const wrong = (issue: WebhookAddressIssue['issue']) => invalid('/url', { issue })
