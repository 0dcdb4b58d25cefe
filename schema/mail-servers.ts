/**
 * Mail servers of each Microsoft cloud. Both sides check a server against this file before a token is
 * sent: the API when it saves, validates and issues tokens, the checker before it connects.
 */
import { z } from 'zod'
import { object } from './common.ts'

/** Protocols of mail servers: those of logins, the checker and mail programs. */
export const MailProtocol = z.enum(['imap', 'smtp'])
export type MailProtocol = z.infer<typeof MailProtocol>

export const Protocol = z.enum([...MailProtocol.options, 'graph_send']).meta({
  id: 'Protocol',
  'x-extensible': true,
  description:
    '`imap` reads mail, `smtp` sends it. `graph_send` sends it through Microsoft Graph, which does not depend on SMTP AUTH.',
  example: 'imap',
})
export type Protocol = z.infer<typeof Protocol>

export const Resource = z.enum(['outlook', 'graph']).meta({
  id: 'Resource',
  description:
    'Audience of an access token: `outlook` for IMAP and SMTP, `graph` for Microsoft Graph.',
  example: 'outlook',
})
/** A grant has one access token for each resource that its protocols need. */
export type Resource = z.infer<typeof Resource>

/** The protocols that a grant is requested for. */
export const RequestedProtocols = z
  .array(Protocol)
  .min(1)
  .max(Protocol.options.length)
  .refine((list) => new Set(list).size === list.length, 'must not contain duplicates')

export const Cloud = z.enum(['global', 'us_gov_high', 'us_gov_dod', 'china']).meta({
  id: 'Cloud',
  description:
    'Microsoft cloud: worldwide (including GCC), US GCC High, US DoD, or China (21Vianet).',
  example: 'global',
})
export type Cloud = z.infer<typeof Cloud>

export const AccountType = z.enum(['work', 'personal']).meta({
  id: 'AccountType',
  description: 'A work or school account, or a personal Microsoft account (Outlook.com).',
})
export type AccountType = z.infer<typeof AccountType>

export const Security = z.enum(['tls', 'starttls']).meta({
  id: 'Security',
  description:
    '`tls`: implicit TLS. `starttls`: mandatory STARTTLS. Credentials are never sent in plaintext.',
})
export type Security = z.infer<typeof Security>

export const MailServer = object('MailServer', {
  host: z.string().min(1).max(253).meta({
    description: 'Host name of the mail server.',
    example: 'outlook.office365.com',
  }),
  port: z.int().min(1).max(65535).meta({ description: 'TCP port.', example: 993 }),
  security: Security,
})
export type MailServer = z.infer<typeof MailServer>

const imap = (host: string): MailServer => ({ host, port: 993, security: 'tls' })
const smtp = (host: string): MailServer => ({ host, port: 587, security: 'starttls' })
const graph = (host: string): MailServer => ({ host, port: 443, security: 'tls' })

/**
 * Microsoft's mail servers, the default first. Sources: for `global`, Microsoft's POP and IMAP settings
 * pages for Exchange Online and Outlook.com; for the US clouds, the Microsoft 365 endpoint lists, which
 * name one host for all mail protocols. No SMTP name is published for China; both names seen in use are
 * listed. Graph: Microsoft's page on its national cloud deployments.
 */
export const microsoftMailServers: Record<
  Cloud,
  Record<Protocol, [MailServer, ...MailServer[]]>
> = {
  global: {
    imap: [imap('outlook.office365.com')],
    smtp: [smtp('smtp.office365.com'), smtp('smtp-mail.outlook.com')],
    graph_send: [graph('graph.microsoft.com')],
  },
  us_gov_high: {
    imap: [imap('outlook.office365.us')],
    smtp: [smtp('outlook.office365.us'), smtp('smtp.office365.us')],
    graph_send: [graph('graph.microsoft.us')],
  },
  us_gov_dod: {
    imap: [imap('outlook-dod.office365.us'), imap('webmail.apps.mil')],
    smtp: [smtp('outlook-dod.office365.us'), smtp('webmail.apps.mil')],
    graph_send: [graph('dod-graph.microsoft.us')],
  },
  china: {
    imap: [imap('partner.outlook.cn')],
    smtp: [smtp('smtp.partner.outlook.cn'), smtp('partner.outlook.cn')],
    graph_send: [graph('microsoftgraph.chinacloudapi.cn')],
  },
}

/** Returns the server to use if an account names none. Personal mailboxes send through another host. */
export function defaultMailServer(
  cloud: Cloud,
  protocol: Protocol,
  accountType: AccountType,
): MailServer {
  const [first, ...others] = microsoftMailServers[cloud][protocol]
  const personal = others.find((server) => server.host === 'smtp-mail.outlook.com')
  return accountType === 'personal' && personal ? personal : first
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)

/**
 * Normalises a host name for comparison: lower case, no trailing dot. Returns null unless it is a plain ASCII (or
 * punycode) DNS name. IP literals, user info, ports, blanks and Unicode look-alikes never match a server that may
 * receive a token.
 */
export function normalHost(host: string): string | null {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name.length > 253 || !HOST_NAME.test(name)) return null
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name) ? null : name
}

/** Checks that a token of `cloud` may be sent to this server. Host, port and security must match exactly. */
export function mayReceiveToken(
  server: MailServer & { protocol: Protocol },
  cloud: Cloud,
  extra: readonly (MailServer & { protocol: MailProtocol })[],
): boolean {
  const host = normalHost(server.host)
  if (host === null) return false
  const same = (other: MailServer) =>
    normalHost(other.host) === host &&
    other.port === server.port &&
    other.security === server.security
  return (
    microsoftMailServers[cloud][server.protocol].some(same) ||
    extra.some((other) => other.protocol === server.protocol && same(other))
  )
}

/** Allowed mail ports unless ALLOW_PRIVATE_HOSTS is set, so that the checker cannot be used as a port scanner. */
export const MAIL_PORTS: readonly number[] = [25, 143, 465, 587, 993]
