/**
 * Where webhooks may go. A Worker's fetch cannot pin an address, so what can be told from the URL is
 * told here: https, the usual port, a public name; and redirects are not followed. Pure.
 */
import { invalid, ok, type Result } from '../../result.ts'

/** Names that mean something only inside a network (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const INSIDE =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|localdomain|home|corp|test|invalid|onion|arpa)$/
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

export function checkAddress(
  text: string,
  settings: { publicUrl: string; checkerUrl: string; allowLoopbackWebhooks: boolean },
): Result<string> {
  const url = URL.parse(text)
  if (!url) return wrong('must be a URL such as https://helpdesk.example.com/hooks/mailgrant')
  if (url.username !== '' || url.password !== '') return wrong('must hold no user name or password')
  url.hash = ''
  if (settings.allowLoopbackWebhooks && LOOPBACK.test(url.hostname)) return ok(url.href)
  if (url.protocol !== 'https:') return wrong('must begin with https://')
  if (url.port !== '') return wrong('must use the usual port, 443')
  const name = url.hostname.replace(/\.+$/, '')
  // Every form of an IPv4 address has been normalised to four numbers by the URL parser.
  if (/^[\d.]+$/.test(name) || name.startsWith('['))
    return wrong('must name a host, not an address')
  if (!name.includes('.') || INSIDE.test(name))
    return wrong('must be a name on the public internet')
  const own = [settings.publicUrl, settings.checkerUrl].map((part) => new URL(part).hostname)
  if (own.includes(name)) return wrong('must not be Mailgrant itself')
  return ok(url.href)
}

const wrong = (message: string) => invalid('/url', message)
