/**
 * Rules for webhook addresses: https, the default port, and a public host name. Webhooks without a customer can also
 * use the hosts in WEBHOOK_PRIVATE_HOSTS. Redirects are not followed. A Worker's fetch cannot pin an IP address, so
 * there the URL alone decides. On Node, the address to which the name resolves is checked, too. Pure.
 */
import type { WebhookType } from '../../../schema/webhook.ts'
import type { ChatService, WebhookAddressIssue } from '../../model/reason.ts'
import { invalid, ok, type Result } from '../../model/result.ts'
import { isIpAddress, isPrivateName } from '../public-hostname.ts'

/** Returns the host in the form of the settings: in lower case, without the trailing dot of a full name. */
export const webhookHost = (url: URL): string => url.hostname.replace(/\.+$/, '')

/** Returns the URL in its normal form without a fragment, or why it is not allowed. */
export function checkAddress(
  text: string,
  settings: {
    publicUrl: string
    checkerUrl: string | null
    webhookPrivateHosts: readonly string[]
  },
  customer: string | null,
): Result<string> {
  const url = URL.parse(text)
  if (!url) return invalidUrl('not_a_url')
  if (url.username !== '' || url.password !== '') return invalidUrl('url_with_credentials')
  url.hash = ''
  const name = webhookHost(url)
  if (!/^https?:$/.test(url.protocol)) return invalidUrl('not_https')
  if (settings.webhookPrivateHosts.includes(name)) {
    // These hosts are for the operator's own webhooks.
    return customer === null ? ok(url.href) : invalidUrl('private_name')
  }
  // The host is checked before scheme and port, since a private one is forbidden whatever they are.
  if (isIpAddress(name)) return invalidUrl('ip_address')
  if (isPrivateName(name)) return invalidUrl('private_name')
  if (url.protocol !== 'https:') return invalidUrl('not_https')
  if (url.port !== '') return invalidUrl('unusual_port')
  const ownUrls = [settings.publicUrl, settings.checkerUrl ?? settings.publicUrl]
  const ownHosts = ownUrls.map((part) => webhookHost(new URL(part)))
  if (ownHosts.includes(name)) return invalidUrl('own_host')
  return ok(url.href)
}

const SERVICES: Record<ChatService, RegExp> = {
  slack: /^hooks\.slack(?:-gov)?\.com$/,
  teams: /\.(?:logic\.azure|api\.powerplatform|webhook\.office)\.com$/,
}

/**
 * Refuses the URL of another service than that of the type. Other hosts are accepted, since they can be compatible with
 * Slack or Teams. A host of Teams workflows can also run other programs.
 */
export function checkService(url: string, type: WebhookType): Result<string> {
  const host = webhookHost(new URL(url))
  const from = (['slack', 'teams'] as const).find((service) => SERVICES[service].test(host))
  const isOther = from !== undefined && from !== type && !(type === 'standard' && from === 'teams')
  return isOther ? invalid('/url', { issue: 'other_service', type, from, host }) : ok(url)
}

const invalidUrl = (issue: Exclude<WebhookAddressIssue['issue'], 'other_service'>) =>
  invalid('/url', { issue })
