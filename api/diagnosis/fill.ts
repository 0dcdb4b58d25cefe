/**
 * Fills the texts of the catalogue with the caller's values. Templates:
 * - `{mailbox}` is a value, or a readable placeholder where it is not known;
 * - `[[ ... ]]` stays only if every value in it is known;
 * - a URL with an unknown value is left out; in a command every value is one quoted literal.
 */

import type { ReportProtocol } from '../../schema/diagnosis.ts'
import { isOneTenant } from '../../schema/integration.ts'
import { Protocol } from '../../schema/mail-servers.ts'
import type { FixTemplate } from './catalogue/cause.ts'
import type { ByProtocol } from './report.ts'

/** All optional: what is missing stays a placeholder. */
export type FixValues = {
  /** The mailbox that is read or sent from. */
  mailbox?: string | undefined
  /** Who signs in for it, where that is somebody else. */
  delegate?: string | undefined
  signedInAs?: string | undefined
  /** Who was to sign in; the delegate, else the mailbox. */
  expected?: string | undefined
  /** Sender of a message. */
  from?: string | undefined
  clientId?: string | undefined
  tenant?: string | undefined
  redirectUri?: string | undefined
  adminConsentUrl?: string | undefined
  /** Origin of the portal where the app is registered. */
  portal?: string | undefined
  /** Microsoft 365 admin center. */
  adminCenter?: string | undefined
  /** Null in a cloud where its address is not known. */
  exchangeAdminCenter?: string | null | undefined
  /** For Connect-ExchangeOnline; null in the cloud that need not be named. */
  exchangeEnvironment?: string | null | undefined
  /** Microsoft's servers in the cloud at hand. */
  mailHosts?: Record<Protocol, string> | undefined
  host?: string | undefined
  port?: number | undefined
  /** What stands before `IMAP.AccessAsUser.All` in the cloud at hand. */
  scopePrefix?: string | undefined
  appOnlyScope?: string | undefined
  /** Origin of the login host. */
  login?: string | undefined
}

type Filled = Record<string, { value: string | undefined; missing: string }>

/** What holds in the global cloud, and where nothing is known. */
const GLOBAL_PORTAL = 'https://entra.microsoft.com'
const GLOBAL_ADMIN_CENTER = 'https://admin.microsoft.com/'
const GLOBAL_EXCHANGE_ADMIN_CENTER = 'https://admin.exchange.microsoft.com/'

export function fillerFor(values: FixValues, protocol: ReportProtocol) {
  const all = valuesOf(values, protocol)
  return {
    text: (template: string) => fillText(template, all),
    fix: (template: FixTemplate) => fillFix(template, all),
  }
}
export type Filler = ReturnType<typeof fillerFor>

type ProtocolFacts = { permission: string; appPermission: string; host: string; port: number }

/** The usual values by protocol, with hosts of the global cloud. */
const PROTOCOLS: ByProtocol<ProtocolFacts> = {
  imap: {
    permission: 'IMAP.AccessAsUser.All',
    appPermission: 'IMAP.AccessAsApp',
    host: 'outlook.office365.com',
    port: 993,
  },
  smtp: {
    permission: 'SMTP.Send',
    appPermission: 'SMTP.SendAsApp',
    host: 'smtp.office365.com',
    port: 587,
  },
}

function valuesOf(values: FixValues, reported: ReportProtocol): Filled {
  const { mailbox, delegate, signedInAs, host, port } = values
  const protocol = Protocol.safeParse(reported).data ?? 'imap'
  const { permission, appPermission, port: usualPort } = PROTOCOLS[protocol]
  const hostFor = (name: Protocol) => values.mailHosts?.[name] ?? PROTOCOLS[name].host
  const usualHost = hostFor(protocol)
  const prefix = values.scopePrefix ?? 'https://outlook.office.com/'
  const portal = originOf(values.portal) ?? GLOBAL_PORTAL
  const entra =
    portal === GLOBAL_PORTAL ? 'Entra admin center > Entra ID' : 'Azure portal > Microsoft Entra ID'

  const fixed = (value: string) => ({ value, missing: value })
  const given = (value: string | undefined, missing: string) => ({
    value:
      value
        // Nor marks that turn the direction of a line, nor halves of characters.
        ?.replace(/\p{C}/gu, ' ')
        .trim()
        .slice(0, 512)
        .toWellFormed() || undefined,
    missing: `<${missing}>`,
  })
  return {
    mailbox: given(mailbox, 'mailbox'),
    delegate: given(delegate ?? signedInAs, 'who signs in'),
    signedInAs: given(signedInAs, 'account that signed in'),
    expected: given(values.expected ?? delegate ?? mailbox, 'mailbox'),
    from: given(values.from, 'From address'),
    clientId: given(values.clientId, 'client id'),
    tenant: given(values.tenant, 'tenant id'),
    redirectUri: given(values.redirectUri, 'redirect URI'),
    adminConsentUrl: given(
      originOf(values.adminConsentUrl) && values.adminConsentUrl,
      'admin consent link',
    ),
    objectId: given(undefined, 'object id of the enterprise app'),
    organization: given(
      values.tenant !== undefined && isOneTenant(values.tenant) ? values.tenant : undefined,
      'tenant id',
    ),
    exchangeEnvironment: given(values.exchangeEnvironment ?? undefined, 'cloud'),
    portal: fixed(portal),
    adminCenter: fixed(values.adminCenter ?? GLOBAL_ADMIN_CENTER),
    exchangeAdminCenter: given(
      values.exchangeAdminCenter === null
        ? undefined
        : (values.exchangeAdminCenter ?? GLOBAL_EXCHANGE_ADMIN_CENTER),
      'Exchange admin center',
    ),
    imapHost: fixed(hostFor('imap')),
    smtpHost: fixed(hostFor('smtp')),
    entra: fixed(entra),
    appRegistration: fixed(`${entra} > App registrations > (your app)`),
    enterpriseApp: fixed(`${entra} > Enterprise apps > (your app)`),
    login: fixed(originOf(values.login) ?? 'https://login.microsoftonline.com'),
    permission: fixed(permission),
    appPermission: fixed(appPermission),
    resource: fixed(prefix.replace(/\/$/, '')),
    scope: fixed(`${prefix}${permission}`),
    scopes: fixed(
      `${prefix}IMAP.AccessAsUser.All ${prefix}SMTP.Send offline_access openid profile`,
    ),
    appOnlyScope: fixed(values.appOnlyScope ?? 'https://outlook.office365.com/.default'),
    host: fixed(plainHost(host) ?? usualHost),
    port: fixed(String(port ?? usualPort)),
    server: fixed(`${plainHost(host) ?? usualHost}:${port ?? usualPort}`),
    protocol: fixed(protocol.toUpperCase()),
  }
}

const plainHost = (host: string | undefined) =>
  host !== undefined && /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host.trim())
    ? host.trim()
    : undefined

function originOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { protocol, origin } = new URL(url)
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined
}

/**
 * One literal for PowerShell, to which typographic quotes are quotes too. In a POSIX shell the doubled
 * quote ends one literal and begins the next, so that nothing gets out of it there either.
 */
const quoted = (text: string) => `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`

const replace = (template: string, all: Filled, write: (name: string) => string) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) =>
    Object.hasOwn(all, name) ? write(name) : `{${name}}`,
  )

/** Without the parts that name a value that is not known. */
function chosen(template: string, all: Filled): string {
  const isKnown = (name: string) => all[name]?.value !== undefined
  return template.replace(/\[\[(.*?)\]\]/g, (_, part: string) =>
    [...part.matchAll(/\{(\w+)\}/g)].every((match) => isKnown(match[1] ?? '')) ? part : '',
  )
}

function fillText(template: string, all: Filled): string {
  return replace(
    chosen(template, all),
    all,
    (name) => all[name]?.value ?? all[name]?.missing ?? '',
  ).trim()
}

function fillFix({ text, url, command }: FixTemplate, all: Filled) {
  const filledUrl = url === undefined ? undefined : fillUrl(url, all)
  return {
    text: fillText(text, all),
    ...(filledUrl !== undefined && { url: filledUrl }),
    ...(command !== undefined && {
      command: replace(chosen(command, all), all, (name) =>
        quoted(all[name]?.value ?? all[name]?.missing ?? ''),
      ),
    }),
  }
}

const WHOLE_LINKS = ['portal', 'login', 'adminConsentUrl', 'adminCenter', 'exchangeAdminCenter']

/** Origins and whole links stay as they are; what goes into one is encoded. */
function fillUrl(template: string, all: Filled): string | undefined {
  let complete = true
  const url = replace(template, all, (name) => {
    const value = all[name]?.value
    if (value === undefined) complete = false
    return WHOLE_LINKS.includes(name) ? (value ?? '') : encodeURIComponent(value ?? '')
  })
  return complete ? url : undefined
}
