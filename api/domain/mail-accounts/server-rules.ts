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
import { err, invalid, ok, type Result } from '../../model/result.ts'

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

const MEMBERS = ['host', 'port', 'security'] as const

/**
 * Fills in the server of an account. For Graph, Microsoft sets it. `former`: the account that is replaced. If either uses
 * Graph, a form that repeats the server of `former` counts as one without a server, since a PUT repeats what GET shows.
 */
export function planServer(
  form: RequestedServer,
  former: (MailServer & { protocol: Protocol }) | null,
  microsoft: MailServer,
): Result<MailServer> {
  const { protocol } = form
  const given = { ...form, ...(form.host !== undefined && { host: plainHost(form.host) }) }
  const isGraph = protocol === 'graph_send'
  const isRepeated =
    former !== null &&
    (isGraph || former.protocol === 'graph_send') &&
    MEMBERS.every((member) => given[member] === undefined || given[member] === former[member])
  if (!isGraph) return ok(fillServer({ ...(!isRepeated && form), protocol }, microsoft))
  const other = MEMBERS.find(
    (member) => given[member] !== undefined && given[member] !== microsoft[member],
  )
  return isRepeated || other === undefined
    ? ok(microsoft)
    : invalid(`/${other}`, { issue: 'fixed_by_graph', value: microsoft[other] })
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
  return err({ reason: 'mail_server_not_allowed', server, allowed })
}

/**
 * Returns true for four plain decimal numbers, since parsers disagree about other forms, and for IPv6 without a zone,
 * which would select an interface of the checker.
 */
const isIpLiteral = (host: string): boolean =>
  /^[\d.]+$/.test(host)
    ? URL.parse(`http://${host}/`)?.hostname === host
    : /^[\da-f:.]+$/i.test(host) && URL.canParse(`http://[${host}]/`)
