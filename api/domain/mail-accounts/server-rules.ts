/** Which mail server an account may name, and which one it gets when it names none. Pure. */
import {
  type Cloud,
  MAIL_PORTS,
  type MailServer,
  mayReceiveToken,
  microsoftMailServers,
  normalHost,
  type Protocol,
  type Security,
} from '../../../schema/mail-servers.ts'
import type { ExtraServer } from '../../../schema/settings.ts'
import { invalid, ok, type Result, refuse } from '../../model/result.ts'
import { judgeLiteral } from './ip-literals.ts'

export type WantedServer = {
  protocol: Protocol
  host?: string | undefined
  port?: number | undefined
  security?: Security | undefined
}

/** IANA's ports with implicit TLS, and those that begin in clear and need STARTTLS. */
const PORTS: Record<Protocol, Record<Security, number>> = {
  imap: { tls: 993, starttls: 143 },
  smtp: { tls: 465, starttls: 587 },
}
const STARTTLS_PORTS: readonly number[] = [25, 143, 587]
const TLS_PORTS: readonly number[] = [465, 993]

/** Fills in what was left out: from Microsoft's server, or from what the other half implies. */
export function fillServer(wanted: WantedServer, microsoft: MailServer): MailServer {
  const { protocol, host, port, security } = wanted
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

/** The form in which a host is stored and compared; what has no such form is refused later. */
const plainHost = (host: string) => normalHost(host) ?? host.toLowerCase()

/** What holds for every account, whatever it logs in with. */
export function checkServer(
  { host, port }: MailServer,
  { allowPrivateHosts }: { allowPrivateHosts: boolean },
): Result<null> {
  if (!allowPrivateHosts && !MAIL_PORTS.includes(port)) {
    return invalid('/port', { issue: 'port_not_allowed', allowed: MAIL_PORTS })
  }
  if (normalHost(host) !== null) return ok(null)
  const literal = judgeLiteral(host)
  if (literal === null) {
    return invalid('/host', { issue: 'not_a_host' })
  }
  if (literal === 'special' && !allowPrivateHosts) {
    return invalid('/host', { issue: 'private_address' })
  }
  return ok(null)
}

/** What holds for OAuth accounts: a token goes to servers of its cloud, or to those of the settings. */
export function checkTokenServer(
  server: MailServer & { protocol: Protocol },
  cloud: Cloud,
  extra: readonly ExtraServer[],
): Result<null> {
  if (mayReceiveToken(server, cloud, extra)) return ok(null)
  const allowed = [
    ...microsoftMailServers[cloud][server.protocol],
    ...extra.filter((other) => other.protocol === server.protocol),
  ]
  return refuse({ reason: 'mail_server_not_allowed', server, allowed })
}
