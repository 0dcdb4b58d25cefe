/** Rules for the mail server of an account, and its default. Pure. */
import {
  type Cloud,
  MAIL_PORTS,
  type MailProtocol,
  type MailServer,
  mayReceiveToken,
  microsoftMailServers,
  normalHost,
  type Protocol,
  type Security,
} from '../../../schema/mail-servers.ts'
import type { ExtraServer } from '../../../schema/settings.ts'
import { invalid, refuse } from '../../model/result.ts'

type RequestedServer<Requested extends Protocol = Protocol> = {
  protocol: Requested
  host?: string | undefined
  port?: number | undefined
  security?: Security | undefined
}

/** Ports registered with IANA. */
const PORTS: Record<MailProtocol, Record<Security, number>> = {
  imap: { tls: 993, starttls: 143 },
  smtp: { tls: 465, starttls: 587 },
}
const STARTTLS_PORTS: readonly number[] = [25, 143, 587]
const TLS_PORTS: readonly number[] = [465, 993]

/** Fills in the missing members from Microsoft's server, or from the given port or security. */
export function fillServer(
  requested: RequestedServer<MailProtocol>,
  microsoft: MailServer,
): MailServer {
  const { protocol, host, port, security } = requested
  return {
    host: host === undefined ? microsoft.host : plainHost(host),
    port: port ?? (security ? PORTS[protocol][security] : microsoft.port),
    security: security ?? impliedSecurity(port) ?? microsoft.security,
  }
}

function impliedSecurity(port: number | undefined): Security | null {
  if (port === undefined) return null
  if (STARTTLS_PORTS.includes(port)) return 'starttls'
  return TLS_PORTS.includes(port) ? 'tls' : null
}

/**
 * Returns the form without the server of the account that it replaces, if either uses Graph: a PUT repeats the server of
 * the former protocol, or a read-only one.
 */
export function withoutFormerServer<Form extends RequestedServer>(
  form: Form,
  former: (MailServer & { protocol: Protocol }) | null,
): Form {
  if (former === null || ![former.protocol, form.protocol].includes('graph_send')) return form
  const { host, port, security } = form
  if (host !== undefined && plainHost(host) !== former.host) return form
  return {
    ...form,
    host: undefined,
    port: port === former.port ? undefined : port,
    security: security === former.security ? undefined : security,
  }
}

/** Returns why the form names another server than Graph's, which is not a choice, or null. */
export function graphServerRefusal(form: RequestedServer, graph: MailServer) {
  const given = { ...form, host: form.host === undefined ? undefined : plainHost(form.host) }
  for (const member of ['host', 'port', 'security'] as const) {
    if (given[member] !== undefined && given[member] !== graph[member]) {
      return invalid(`/${member}`, { issue: 'fixed_by_graph', value: graph[member] })
    }
  }
  return null
}

/** Normalises a host for storage and comparison. `serverRefusal` refuses those that have no normal form. */
const plainHost = (host: string) => normalHost(host) ?? host.toLowerCase()

/**
 * Returns why an account must not use this server, or null. `tokenCloud`: the cloud of the access token that it would
 * receive, which goes only to servers of that cloud and the extra ones. The checker judges addresses, before it dials.
 */
export function serverRefusal(
  server: MailServer & { protocol: Protocol },
  tokenCloud: Cloud | null,
  settings: { allowPrivateHosts: boolean; extraMailServers: readonly ExtraServer[] },
) {
  const { protocol, host, port } = server
  const { allowPrivateHosts, extraMailServers } = settings
  if (!allowPrivateHosts && protocol !== 'graph_send' && !MAIL_PORTS.includes(port)) {
    return invalid('/port', { issue: 'port_not_allowed', allowed: MAIL_PORTS })
  }
  if (normalHost(host) === null && !isIpLiteral(host)) {
    return invalid('/host', { issue: 'not_a_host' })
  }
  if (tokenCloud === null || mayReceiveToken(server, tokenCloud, extraMailServers)) return null
  const allowed = [
    ...microsoftMailServers[tokenCloud][protocol],
    ...extraMailServers.filter((other) => other.protocol === protocol),
  ]
  return refuse({ reason: 'mail_server_not_allowed', server, allowed })
}

/**
 * Returns true for four plain decimal numbers, since parsers disagree about other forms, and for IPv6 without a zone, which would
 * select an interface of the checker.
 */
const isIpLiteral = (host: string): boolean =>
  /^[\d.]+$/.test(host)
    ? URL.parse(`http://${host}/`)?.hostname === host
    : /^[\da-f:.]+$/i.test(host) && URL.canParse(`http://[${host}]/`)
