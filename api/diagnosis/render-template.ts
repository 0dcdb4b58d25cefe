/**
 * Renders the texts of the catalogue with the caller's values. Templates:
 * - `{mailbox}` is a value, or a readable placeholder if it is unknown;
 * - `[[ ... ]]` stays only if every value in it is known;
 * - a URL with an unknown value is left out; in a command every value is one quoted literal.
 */

import type { ReportProtocol } from '../../schema/diagnosis.ts'
import { isOneTenant } from '../../schema/integration.ts'
import { defaultMailServer, MailProtocol } from '../../schema/mail-servers.ts'
import type { Resource } from '../../schema/protocols.ts'
import type { FixTemplate } from './catalogue/cause.ts'
import type { ByProtocol } from './report.ts'

/** Values for templates, all optional. A missing one stays a placeholder. */
export type FixValues = {
  mailbox?: string | undefined
  /** The account that signs in for the mailbox, if it is not the mailbox itself. */
  delegate?: string | undefined
  signedInAs?: string | undefined
  /** The account expected to sign in: the delegate, else the mailbox. */
  expected?: string | undefined
  from?: string | undefined
  clientId?: string | undefined
  tenant?: string | undefined
  /** Name of the tenant that Microsoft asked about the app. */
  directory?: string | undefined
  redirectUri?: string | undefined
  adminConsentUrl?: string | undefined
  /**
   * Values of this deployment, for a text that may be another program's. They are shown separately, and only if the
   * other values are unknown.
   */
  own?: OwnValues | undefined
  /** Origin of the portal where the app is registered. */
  portal?: string | undefined
  adminCenter?: string | undefined
  /** Null in a cloud whose address for it is unknown. */
  exchangeAdminCenter?: string | null | undefined
  /** Parameter of Connect-ExchangeOnline; null in the global cloud, which needs none. */
  exchangeEnvironment?: string | null | undefined
  /** Microsoft's servers in the report's cloud. */
  mailHosts?: Record<MailProtocol, string> | undefined
  host?: string | undefined
  port?: number | undefined
  /** Resource prefix of `IMAP.AccessAsUser.All` in the report's cloud. */
  scopePrefix?: string | undefined
  /** Resource prefix of `Mail.Send`, which is also the URL of Microsoft Graph. */
  graphScopePrefix?: string | undefined
  /** The resource of the access token; the default follows from the protocol of the report. */
  resource?: Resource | undefined
  appOnlyScope?: string | undefined
  login?: string | undefined
  /** Code of the runtime for a connection that failed. */
  networkCode?: string | undefined
  /** The status and the defect of a response that seemed to come from the login host. */
  received?: string | undefined
  aadsts?: number | undefined
  missingParameter?: string | undefined
  /** Client ID that Microsoft received and does not know. */
  sentClientId?: string | undefined
  /** A server's words whose meaning differs from their text. */
  misleadingReply?: string | undefined
  /** The only endpoint at which Microsoft accepts the request, according to its error, such as `common`. */
  onlyAt?: string | undefined
  /** The parameter that Microsoft accepts only at `onlyAt`. */
  limitedParameter?: string | undefined
  program?: string | undefined
  /** Name that the outgoing server of an IMAP server's provider usually has. */
  outgoingHost?: string | undefined
  /** Part of Microsoft's sign-in that gave the AADSTS number: its sign-in page or its token endpoint. */
  microsoftPart?: string | undefined
  /** Identifies the request in Entra's sign-in logs. */
  correlationId?: string | undefined
  errorTime?: string | undefined
  /** Base of the public pages about causes. */
  causePages?: string | undefined
}

export type OwnValues = Partial<Pick<FixValues, 'redirectUri' | 'clientId' | 'adminConsentUrl'>>

const OWN_NAMES: readonly (readonly [name: keyof OwnValues, label: string])[] = [
  ['redirectUri', 'the redirect URI is'],
  ['clientId', 'the client ID is'],
  ['adminConsentUrl', "the link for an admin's consent is"],
]

type TemplateData = Record<string, { value: string | undefined; missing: string }>

/** Addresses of the global cloud, also used when the cloud is unknown. */
const GLOBAL_PORTAL = 'https://entra.microsoft.com'
const GLOBAL_ADMIN_CENTER = 'https://admin.microsoft.com/'
const GLOBAL_EXCHANGE_ADMIN_CENTER = 'https://admin.exchange.microsoft.com/'

export function createRenderer(values: FixValues, protocol: ReportProtocol) {
  const all = valuesOf(values, protocol)
  return {
    text: (template: string) => renderText(template, all),
    /** Renders a sentence without placeholders to fill in: "the mailbox" in place of `<mailbox>`. */
    prose: (template: string) =>
      renderText(template, all, (missing) => missing.replace(/^<(.*)>$/, 'the $1')).replace(
        /(?<=^|\. )the /g,
        'The ',
      ),
    causePage: (slug: string) => `${values.causePages ?? ''}/${slug}`,
    fix: (template: FixTemplate) => renderFix(template, all),
    /** Returns a fix with this deployment's own values in place of unknown ones that the template needs, or none. */
    ownFix: (templates: readonly FixTemplate[]) => renderOwn(templates, values.own ?? {}, all),
  }
}
export type Renderer = ReturnType<typeof createRenderer>

type Permissions = { permission: string; appPermission: string }

const PERMISSIONS: ByProtocol<Permissions> = {
  imap: { permission: 'IMAP.AccessAsUser.All', appPermission: 'IMAP.AccessAsApp' },
  smtp: { permission: 'SMTP.Send', appPermission: 'SMTP.SendAsApp' },
  graph: { permission: 'Mail.Send', appPermission: 'Mail.Send' },
}

const globalServer = (protocol: MailProtocol) => defaultMailServer('global', protocol, 'work')

function valuesOf(values: FixValues, reported: ReportProtocol): TemplateData {
  const { mailbox, delegate, signedInAs, host, port } = values
  const isGraph = reported === 'graph' || values.resource === 'graph'
  const protocol = MailProtocol.safeParse(reported).data ?? 'imap'
  const { permission, appPermission } =
    PERMISSIONS[isGraph ? 'graph' : reported] ?? PERMISSIONS.imap
  const hostFor = (name: MailProtocol) => values.mailHosts?.[name] ?? globalServer(name).host
  const graph = originOf(values.graphScopePrefix) ?? 'https://graph.microsoft.com'
  const graphHost = new URL(graph).host
  const usualHost = isGraph ? graphHost : hostFor(protocol)
  const usualPort = isGraph ? 443 : globalServer(protocol).port
  const prefix = values.scopePrefix ?? 'https://outlook.office.com/'
  const outlook = prefix.replace(/\/$/, '')
  const resource = isGraph ? graph : outlook
  const portal = originOf(values.portal) ?? GLOBAL_PORTAL
  const login = originOf(values.login) ?? 'https://login.microsoftonline.com'
  const entra =
    portal === GLOBAL_PORTAL ? 'Entra admin center > Entra ID' : 'Azure portal > Microsoft Entra ID'

  const always = (value: string) => ({ value, missing: value })
  const optional = (value: string | undefined, missing: string) => ({
    value:
      value
        // Removes control characters, marks that change the direction of a line, and lone surrogates.
        ?.replace(/\p{C}/gu, ' ')
        .trim()
        .slice(0, 512)
        .toWellFormed() || undefined,
    missing: `<${missing}>`,
  })
  return {
    mailbox: optional(mailbox, 'mailbox'),
    delegate: optional(delegate ?? signedInAs, 'who signs in'),
    signedInAs: optional(signedInAs, 'account that signed in'),
    expected: optional(values.expected ?? delegate ?? mailbox, 'mailbox'),
    from: optional(values.from, 'From address'),
    sender: optional(
      [delegate, signedInAs, mailbox].find((each) => each && each !== values.from),
      'who signs in',
    ),
    clientId: optional(values.clientId, 'client id'),
    tenant: optional(values.tenant ?? values.directory, 'tenant id'),
    redirectUri: optional(values.redirectUri, 'redirect URI'),
    adminConsentUrl: optional(
      originOf(values.adminConsentUrl) && values.adminConsentUrl,
      'admin consent link',
    ),
    objectId: optional(undefined, 'object id of the enterprise app'),
    organization: optional(
      values.tenant !== undefined && isOneTenant(values.tenant) ? values.tenant : undefined,
      'tenant id',
    ),
    exchangeEnvironment: optional(values.exchangeEnvironment ?? undefined, 'cloud'),
    mailgrant: optional(originOf(values.causePages), "Mailgrant's address"),
    portal: always(portal),
    adminCenter: always(values.adminCenter ?? GLOBAL_ADMIN_CENTER),
    exchangeAdminCenter: optional(
      values.exchangeAdminCenter === null
        ? undefined
        : (values.exchangeAdminCenter ?? GLOBAL_EXCHANGE_ADMIN_CENTER),
      'Exchange admin center',
    ),
    imapHost: always(hostFor('imap')),
    smtpHost: always(hostFor('smtp')),
    entra: always(entra),
    appRegistration: always(`${entra} > App registrations > (your app)`),
    enterpriseApp: always(`${entra} > Enterprise apps > (your app)`),
    login: always(login),
    loginHost: always(new URL(login).host),
    networkCode: optional(values.networkCode, 'code'),
    received: optional(values.received, 'response'),
    aadsts: optional(values.aadsts?.toString(), 'number'),
    missingParameter: optional(values.missingParameter, 'parameter'),
    sentClientId: optional(values.sentClientId, 'client ID'),
    misleadingReply: optional(values.misleadingReply, 'reply'),
    onlyAt: optional(values.onlyAt, 'endpoint'),
    limitedParameter: optional(values.limitedParameter, 'parameter'),
    program: { value: values.program, missing: 'the program' },
    Program: { value: values.program, missing: 'The program' },
    outgoingHost: optional(values.outgoingHost, 'outgoing server'),
    microsoftPart: optional(values.microsoftPart, 'sign-in'),
    correlationId: optional(values.correlationId, 'correlation ID'),
    errorTime: optional(values.errorTime, 'time'),
    permission: always(permission),
    permissions: always(
      isGraph ? 'Mail.Send, offline_access' : 'IMAP.AccessAsUser.All, SMTP.Send, offline_access',
    ),
    appPermission: always(appPermission),
    resource: always(resource),
    scope: always(`${resource}/${permission}`),
    outlook: always(outlook),
    graph: always(graph),
    graphHost: always(graphHost),
    graphScope: always(`${graph}/Mail.Send`),
    scopes: always(
      isGraph
        ? `${graph}/Mail.Send offline_access openid profile`
        : `${prefix}IMAP.AccessAsUser.All ${prefix}SMTP.Send offline_access openid profile`,
    ),
    appOnlyScope: always(
      isGraph
        ? `${graph}/.default`
        : (values.appOnlyScope ?? 'https://outlook.office365.com/.default'),
    ),
    host: always(plainHost(host) ?? usualHost),
    port: always(String(port ?? usualPort)),
    server: always(`${plainHost(host) ?? usualHost}:${port ?? usualPort}`),
    configuredServer: optional(
      host && [plainHost(host) ?? usualHost, port ?? []].flat().join(':'),
      'server',
    ),
    capabilityCommand: always(
      protocol === 'smtp' ? 'the EHLO that follows STARTTLS' : 'CAPABILITY',
    ),
    protocol: always(isGraph ? 'Microsoft Graph' : protocol.toUpperCase()),
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
 * Quotes a value as one literal for PowerShell, to which typographic quotes are quotes too. A POSIX shell reads a doubled
 * quote as the end of one literal and the start of the next, so a value cannot add a command there either.
 */
const quoted = (text: string) => `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`

const replace = (template: string, all: TemplateData, write: (name: string) => string) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) =>
    Object.hasOwn(all, name) ? write(name) : `{${name}}`,
  )

/** Removes the optional parts that contain an unknown value. */
function withoutUnknownParts(template: string, all: TemplateData): string {
  const isKnown = (name: string) => all[name]?.value !== undefined
  return template.replace(/\[\[(.*?)\]\]/g, (_, part: string) =>
    [...part.matchAll(/\{(\w+)\}/g)].every((match) => isKnown(match[1] ?? '')) ? part : '',
  )
}

function renderText(
  template: string,
  all: TemplateData,
  write = (missing: string) => missing,
): string {
  return replace(
    withoutUnknownParts(template, all),
    all,
    (name) => all[name]?.value ?? write(all[name]?.missing ?? ''),
  ).trim()
}

function renderFix({ text, url, command, by, purpose }: FixTemplate, all: TemplateData) {
  const renderedUrl = url === undefined ? undefined : renderUrl(url, all)
  return {
    text: renderText(text, all),
    ...(renderedUrl !== undefined && { url: renderedUrl }),
    ...(command !== undefined && {
      command: replace(withoutUnknownParts(command, all), all, (name) =>
        quoted(all[name]?.value ?? all[name]?.missing ?? ''),
      ),
    }),
    ...(by && { responsible: by }),
    ...(purpose && { purpose }),
  }
}

function renderOwn(templates: readonly FixTemplate[], own: OwnValues, all: TemplateData) {
  const needed = JSON.stringify(templates)
  const parts = OWN_NAMES.flatMap(([name, label]) => {
    const isNeeded = needed.includes(`{${name}}`) && all[name]?.value === undefined
    return isNeeded && own[name] !== undefined ? `${label} ${own[name]}` : []
  })
  const text = `If it came from Mailgrant: ${parts.join(', ')}. Otherwise: what your program sends.`
  return parts.length === 0 ? [] : [{ text }]
}

const WHOLE_LINKS = [
  'mailgrant',
  'portal',
  'login',
  'adminConsentUrl',
  'adminCenter',
  'exchangeAdminCenter',
]

/** Origins and whole links are inserted unchanged. Other values are encoded. */
function renderUrl(template: string, all: TemplateData): string | undefined {
  let complete = true
  const url = replace(template, all, (name) => {
    const value = all[name]?.value
    if (value === undefined) complete = false
    return WHOLE_LINKS.includes(name) ? (value ?? '') : encodeURIComponent(value ?? '')
  })
  return complete ? url : undefined
}
