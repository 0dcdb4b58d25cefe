/**
 * Mail scopes: requested at sign-in, granted in a response, and declared by an app registration. Only
 * the Exchange resource and the OpenID scopes, none of Graph: a token is for one resource.
 */
import { type Cloud, Protocol } from '../../schema/mail-servers.ts'
import { clouds } from './clouds.ts'

/** Delegated permissions. Ids: Microsoft Graph's permission catalogue. */
const PERMISSIONS: Record<Protocol, { name: string; id: string }> = {
  imap: { name: 'IMAP.AccessAsUser.All', id: '652390e4-393a-48de-9484-05f9b1212954' },
  smtp: { name: 'SMTP.Send', id: '258f6531-6087-4cc4-bb90-092c5fb3ed3f' },
}
const SIGN_IN = ['offline_access', 'openid', 'profile']

/** Other names of the Exchange resource that may appear in granted scopes. */
const ALIASES: Record<Cloud, readonly string[]> = {
  global: ['https://outlook.office365.com/', 'https://ps.outlook.com/'],
  us_gov_high: ['https://outlook.office.us/'],
  us_gov_dod: ['https://outlook-dod.office365.us/', 'https://webmail.apps.mil/'],
  china: [],
}

/**
 * Returns the scopes to request. Authorization, exchange and refresh must request the same set, or Entra
 * may pick another resource.
 */
export function mailScopes(cloud: Cloud, protocols: readonly Protocol[]): string[] {
  return [...exchangeScopes(cloud, protocols), ...SIGN_IN]
}

/** Returns the scopes of an access token for these protocols. */
export function exchangeScopes(cloud: Cloud, protocols: readonly Protocol[]): string[] {
  const requested = Protocol.options.filter((protocol) => protocols.includes(protocol))
  return requested.map((protocol) => clouds[cloud].scopePrefix + PERMISSIONS[protocol].name)
}

/** Checks that the scopes of a sign-in, as `mailScopes` returns them, include this protocol. */
export const includesProtocol = (scopes: readonly string[], protocol: Protocol): boolean =>
  scopes.some((scope) => scope.endsWith(`/${PERMISSIONS[protocol].name}`))

/**
 * Parses the space-separated `scope` of a token response. Bare and Graph names do not count: such a token
 * opens no mailbox. Entra never lists `offline_access`; the refresh token is the proof of it.
 */
export function grantedProtocols(cloud: Cloud, scope: string): Protocol[] {
  const granted = new Set(scope.toLowerCase().split(/\s+/))
  const prefixes = [clouds[cloud].scopePrefix, ...ALIASES[cloud]]
  return Protocol.options.filter((protocol) =>
    prefixes.some((prefix) => granted.has((prefix + PERMISSIONS[protocol].name).toLowerCase())),
  )
}

type MailPermission = {
  name: string
  /** Id of the delegated permission under Microsoft Graph; invalid under any other resource. */
  id: string
  /** The protocol that requires it; null if every sign-in does. */
  protocol: Protocol | null
}

/**
 * Permissions of the app registration, all under Graph: the portal lists the mail permissions there, and
 * the sign-in requests consent for the Outlook resource. Ids: Graph's permission catalogue.
 */
export const MAIL_PERMISSIONS: readonly MailPermission[] = [
  ...Protocol.options.map((protocol) => ({
    ...PERMISSIONS[protocol],
    protocol,
  })),
  {
    name: 'offline_access',
    id: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182',
    protocol: null,
  },
  { name: 'openid', id: '37f7f235-527c-4136-accd-4a02d197296e', protocol: null },
  { name: 'profile', id: '14dad69e-099b-42c9-810b-d002981feec1', protocol: null },
]

/**
 * Application permissions of Office 365 Exchange Online, for app-only access. Microsoft does not publish
 * their ids: look them up by name in the tenant.
 */
export const APP_ONLY_PERMISSIONS: Record<Protocol, string> = {
  imap: 'IMAP.AccessAsApp',
  smtp: 'SMTP.SendAsApp',
}
