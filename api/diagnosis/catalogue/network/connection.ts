/** Meanings that have the same causes, and the TLS mode of the program beside the port. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { portOf } from '../hosts.ts'

export const UNRESOLVED = ['name-not-found', 'name-lookup-temporary'] as const
export const TIMED_OUT = ['connection-timeout', 'read-timeout', 'tls-timeout'] as const
export const NO_ROUTE = ['no-route', 'local-permission'] as const
export const LOST = ['connection-reset', 'connection-closed', 'tls-closed'] as const
export const NOT_TLS = ['not-tls', 'starttls-not-offered'] as const
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

/** Ports where TLS begins with the first byte, and ports that begin in plaintext. */
const IMPLICIT_PORTS = [993, 995, 465]
const CLEAR_PORTS = [587, 25, 143, 110]

/** Returns the configured mode, else the one of a URL in the text. */
function tlsMode({ facts: { raw }, text }: ParsedReport): 'implicit' | 'clear' | undefined {
  const security = raw.security ?? ''
  if (/^(?:tls|ssl|implicit)/.test(security)) return 'implicit'
  if (/starttls|none|plain/.test(security)) return 'clear'
  return /\b(?:ssl|tls|smtps|imaps):\/\/[a-z]/.test(text) ? 'implicit' : undefined
}

/** Returns false for an attempt that did not reach the server, for which the mode made no difference. */
const mayHaveReached = ({ meanings }: ParsedReport) =>
  !(['connection-timeout', 'connection-refused', 'no-route', 'name-not-found'] as const).some(
    (name) => meanings.has(name),
  )

export const isClearOnImplicitPort = (parsed: ParsedReport) =>
  mayHaveReached(parsed) &&
  tlsMode(parsed) === 'clear' &&
  IMPLICIT_PORTS.includes(portOf(parsed) ?? 0)

export const isImplicitOnClearPort = (parsed: ParsedReport) =>
  mayHaveReached(parsed) &&
  tlsMode(parsed) === 'implicit' &&
  CLEAR_PORTS.includes(portOf(parsed) ?? 0)

/** Detects a mode that suits the port. */
export const suitsPort = (parsed: ParsedReport) =>
  (tlsMode(parsed) === 'implicit' && IMPLICIT_PORTS.includes(portOf(parsed) ?? 0)) ||
  (parsed.facts.raw.security === 'starttls' && CLEAR_PORTS.includes(portOf(parsed) ?? 0))
