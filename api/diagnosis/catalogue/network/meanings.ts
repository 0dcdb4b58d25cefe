/** Groups of meanings that have the same causes. */
import type { ParsedReport } from '../../parse/parse-report.ts'

export const UNRESOLVED = ['name-not-found', 'name-lookup-temporary'] as const
export const TIMED_OUT = ['connection-timeout', 'read-timeout', 'tls-timeout'] as const
export const NO_ROUTE = ['no-route', 'local-permission'] as const
/** No connection, for a reason that is not known. */
export const UNCONNECTED = ['connect-failed'] as const
export const LOST = ['connection-reset', 'connection-closed', 'tls-closed'] as const
export const NOT_TLS = ['not-tls', 'starttls-not-offered'] as const
export const UNTRUSTED = ['certificate-untrusted'] as const
export const TLS_FAILED = [
  'handshake-failed',
  'no-common-cipher',
  'tls-closed',
  'tls-timeout',
] as const

/**
 * Detects a connection that broke where nothing shows whether Microsoft was reached: a firewall, a proxy, the wrong
 * port and the wrong TLS mode all look like this.
 */
export const isLostAtUnknownServer = ({ subject, meanings }: ParsedReport): boolean =>
  subject === 'unknown' && LOST.some((name) => meanings.has(name))
