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

/** Values that a caller gives as they are, each with the placeholder for an unknown one. */
const GIVEN = {
  mailbox: '<mailbox>',
  /** The account that signs in for the mailbox, if it is not the mailbox itself. */
  delegate: '<who signs in>',
  signedInAs: '<account that signed in>',
  /** The account expected to sign in: the delegate, else the mailbox. */
  expected: '<mailbox>',
  from: '<From address>',
  clientId: '<client id>',
  tenant: '<tenant id>',
  redirectUri: '<redirect URI>',
  adminConsentUrl: '<admin consent link>',
  /** Name that the outgoing server of an IMAP server's provider usually has. */
  outgoingHost: '<outgoing server>',
  /** Code of the runtime for a connection that failed. */
  networkCode: '<code>',
  /** The status and the defect of a response that seemed to come from the login host. */
  received: '<response>',
  aadsts: '<number>',
  missingParameter: '<parameter>',
  /** Client ID that Microsoft received and does not know. */
  sentClientId: '<client ID>',
  /** A server's words whose meaning differs from their text. */
  misleadingReply: '<reply>',
  /** The only endpoint at which Microsoft accepts the request, according to its error, such as `common`. */
  onlyAt: '<endpoint>',
  /** The parameter that Microsoft accepts only at `onlyAt`. */
  limitedParameter: '<parameter>',
  program: 'the program',
  /** Part of Microsoft's sign-in that gave the AADSTS number: its sign-in page or its token endpoint. */
  microsoftPart: '<sign-in>',
  /** Identifies the request in Entra's sign-in logs. */
  correlationId: '<correlation ID>',
  errorTime: '<time>',
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  ...GIVEN,
  Program: 'The program',
  /** The account that logs in to send, if it is not the From address. */
  sender: '<who signs in>',
  /** The tenant, if it is not one of the shared endpoints. */
  organization: '<tenant id>',
  objectId: '<object id of the enterprise app>',
  exchangeEnvironment: '<cloud>',
  exchangeAdminCenter: '<Exchange admin center>',
  mailgrant: "<Mailgrant's address>",
  configuredServer: '<server>',
}

/** Values for templates, all optional. */
export type FixValues = Partial<Record<keyof typeof GIVEN, string | undefined>> & {
  /** Name of the tenant that Microsoft asked about the app. */
  directory?: string | undefined
  /**
   * Values of this deployment, for a text that may be another program's. They are shown separately, and only if the
   * other values are unknown.
   */
  own?: { [Name in keyof typeof OWN_LABELS]?: string | undefined } | undefined
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
  /** Base of the public pages about causes. */
  causePages?: string | undefined
}

/** Labels of this deployment's values. */
const OWN_LABELS = {
  redirectUri: 'the redirect URI is',
  clientId: 'the client ID is',
  adminConsentUrl: "the link for an admin's consent is",
} as const

/** Values that stay as they are in a URL, since they are whole links or their beginnings. */
const WHOLE_LINKS = [
  'mailgrant',
  'portal',
  'login',
  'adminConsentUrl',
  'adminCenter',
  'exchangeAdminCenter',
]

const NAME = /\{(\w+)\}/g

export type Renderer = ReturnType<typeof createRenderer>

export function createRenderer(values: FixValues, protocol: ReportProtocol) {
  const known = knownValues(values, protocol)
  const shown = (name: string) => known.get(name) ?? placeholderOf(name)

  const withoutUnknownParts = (template: string): string =>
    template.replace(/\[\[(.*?)\]\]/g, (_, part: string) =>
      [...part.matchAll(NAME)].every(([, name = '']) => known.has(name)) ? part : '',
    )

  const text = (template: string): string =>
    withoutUnknownParts(template)
      .replace(NAME, (_, name: string) => shown(name))
      .trim()

  /** Returns undefined if a value is unknown. */
  function link(template: string): string | undefined {
    const names = [...template.matchAll(NAME)]
    if (!names.every(([, name = '']) => known.has(name))) return undefined
    return template.replace(NAME, (_, name: string) =>
      WHOLE_LINKS.includes(name) ? shown(name) : encodeURIComponent(shown(name)),
    )
  }

  return {
    text,
    /** Renders a sentence without placeholders to fill in: "the mailbox" in place of `<mailbox>`. */
    prose: (template: string): string =>
      withoutUnknownParts(template)
        .replace(
          NAME,
          (_, name) => known.get(name) ?? placeholderOf(name).replace(/^<(.*)>$/, 'the $1'),
        )
        .trim()
        .replace(/(?<=^|\. )the /g, 'The '),
    causePage: (slug: string) => `${values.causePages ?? ''}/${slug}`,
    fix({ text: template, url = '', command, by, purpose }: FixTemplate) {
      const renderedUrl = link(url)
      return {
        text: text(template),
        ...(renderedUrl && { url: renderedUrl }),
        ...(command !== undefined && {
          command: withoutUnknownParts(command).replace(NAME, (_, name) => quoted(shown(name))),
        }),
        ...(by && { responsible: by }),
        ...(purpose && { purpose }),
      }
    },
    /** Returns a fix with this deployment's own values in place of unknown ones that the template needs, or none. */
    ownFix(templates: readonly FixTemplate[]) {
      const needed = JSON.stringify(templates)
      const parts = Object.entries(OWN_LABELS).flatMap(([name, label]) => {
        const own = values.own?.[name as keyof typeof OWN_LABELS]
        return own && !known.has(name) && needed.includes(`{${name}}`) ? `${label} ${own}` : []
      })
      if (parts.length === 0) return []
      return [
        {
          text: `If it came from Mailgrant: ${parts.join(', ')}. Otherwise: what your program sends.`,
        },
      ]
    },
  }
}

const placeholderOf = (name: string): string => PLACEHOLDERS[name] ?? `{${name}}`

type Permissions = { permission: string; appPermission: string }

const PERMISSIONS: ByProtocol<Permissions> = {
  imap: { permission: 'IMAP.AccessAsUser.All', appPermission: 'IMAP.AccessAsApp' },
  smtp: { permission: 'SMTP.Send', appPermission: 'SMTP.SendAsApp' },
  graph: { permission: 'Mail.Send', appPermission: 'Mail.Send' },
}

const globalServer = (protocol: MailProtocol) => defaultMailServer('global', protocol, 'work')

/** Addresses of the global cloud, also used when the cloud is unknown. */
const GLOBAL_PORTAL = 'https://entra.microsoft.com'

/** Returns the values of all names in templates that are known. */
function knownValues(values: FixValues, reported: ReportProtocol): ReadonlyMap<string, string> {
  const { mailbox, delegate, signedInAs, from, tenant, own: _, mailHosts, ...others } = values
  const isGraph = reported === 'graph' || values.resource === 'graph'
  const protocol = MailProtocol.safeParse(reported).data ?? 'imap'
  const permissions = PERMISSIONS[isGraph ? 'graph' : reported] ?? PERMISSIONS.imap
  const hostFor = (name: MailProtocol) => mailHosts?.[name] ?? globalServer(name).host
  const graph = originOf(values.graphScopePrefix) ?? 'https://graph.microsoft.com'
  const graphHost = new URL(graph).host
  const stated = plainHost(values.host)
  const host = stated ?? (isGraph ? graphHost : hostFor(protocol))
  const port = values.port ?? (isGraph ? 443 : globalServer(protocol).port)
  const prefix = values.scopePrefix ?? 'https://outlook.office.com/'
  const outlook = prefix.replace(/\/$/, '')
  const resource = isGraph ? graph : outlook
  const portal = originOf(values.portal) ?? GLOBAL_PORTAL
  const login = originOf(values.login) ?? 'https://login.microsoftonline.com'
  const entra =
    portal === GLOBAL_PORTAL ? 'Entra admin center > Entra ID' : 'Azure portal > Microsoft Entra ID'
  const all = {
    ...others,
    ...permissions,
    mailbox,
    signedInAs,
    from,
    delegate: delegate ?? signedInAs,
    expected: values.expected ?? delegate ?? mailbox,
    sender: [delegate, signedInAs, mailbox].find((each) => each && each !== from),
    tenant: tenant ?? values.directory,
    organization: tenant && isOneTenant(tenant) ? tenant : undefined,
    adminConsentUrl: originOf(values.adminConsentUrl) && values.adminConsentUrl,
    mailgrant: originOf(values.causePages),
    Program: values.program,
    portal,
    adminCenter: values.adminCenter ?? 'https://admin.microsoft.com/',
    exchangeAdminCenter:
      values.exchangeAdminCenter === undefined
        ? 'https://admin.exchange.microsoft.com/'
        : values.exchangeAdminCenter,
    imapHost: hostFor('imap'),
    smtpHost: hostFor('smtp'),
    entra,
    appRegistration: `${entra} > App registrations > (your app)`,
    enterpriseApp: `${entra} > Enterprise apps > (your app)`,
    login,
    loginHost: new URL(login).host,
    permissions: isGraph
      ? 'Mail.Send, offline_access'
      : 'IMAP.AccessAsUser.All, SMTP.Send, offline_access',
    resource,
    scope: `${resource}/${permissions.permission}`,
    outlook,
    graph,
    graphHost,
    graphScope: `${graph}/Mail.Send`,
    scopes: isGraph
      ? `${graph}/Mail.Send offline_access openid profile`
      : `${prefix}IMAP.AccessAsUser.All ${prefix}SMTP.Send offline_access openid profile`,
    appOnlyScope: isGraph
      ? `${graph}/.default`
      : (values.appOnlyScope ?? 'https://outlook.office365.com/.default'),
    host,
    port: String(port),
    server: `${host}:${port}`,
    configuredServer: values.host && [host, values.port ?? []].flat().join(':'),
    capabilityCommand: protocol === 'smtp' ? 'the EHLO that follows STARTTLS' : 'CAPABILITY',
    protocol: isGraph ? 'Microsoft Graph' : protocol.toUpperCase(),
  }
  return new Map(
    Object.entries(all).flatMap(([name, value]) => {
      const text = value && plainText(value)
      return text ? [[name, text] as const] : []
    }),
  )
}

/** Removes control characters, marks that change the direction of a line, and lone surrogates. */
const plainText = (value: string): string =>
  value.replace(/\p{C}/gu, ' ').trim().slice(0, 512).toWellFormed()

const plainHost = (host: string | undefined) =>
  host !== undefined && /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host.trim())
    ? host.trim()
    : undefined

function originOf(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined
  const { protocol, origin } = new URL(url)
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined
}

/**
 * Quotes a value as one literal for PowerShell, to which typographic quotes are quotes too. A POSIX shell reads a doubled
 * quote as the end of one literal and the start of the next, so a value cannot add a command there either.
 */
const quoted = (text: string) => `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
