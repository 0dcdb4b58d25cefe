/**
 * The log: one JSON line per event, built from named fields only. Server replies, identities, bodies
 * and error messages are never logged, because any of them could contain a secret.
 */
import type { ProbeReport, ProbeRequest } from '../schema/probe.ts'
import { CODE_KINDS } from './verdict.ts'

/** Creates the log, on standard output by default. */
export function createLog(destination: { write(line: string): unknown } = process.stdout): Log {
  return (event) => {
    const level = event.name === 'crashed' ? 'error' : 'info'
    const time = new Date().toISOString()
    // The Worker's log uses the same field names, so one query finds an error or a `jti` in both.
    const line = { level, time, ...fieldsOf(event), event: event.name }
    destination.write(`${JSON.stringify(line)}\n`)
  }
}

function fieldsOf(event: Event): Record<string, string | number | boolean | null> {
  switch (event.name) {
    case 'probed': {
      const { jti, request, report } = event
      const { failure } = report
      return {
        jti,
        protocol: request.protocol,
        host: request.host,
        port: request.port,
        security: request.security,
        credential: request.credential.type,
        outcome: report.outcome,
        mechanism: report.mechanism,
        step: failure?.step ?? null,
        kind: failure?.kind ?? null,
        ...(report.sent !== undefined && { sent: report.sent }),
        code: failure?.code ?? null,
        smtp_code: failure?.smtp_code ?? null,
        smtp_enhanced: failure?.smtp_enhanced ?? null,
        imap_status: failure?.imap_status ?? null,
        imap_response_code: loggedCode(failure?.imap_response_code ?? null),
        duration_ms: report.duration_ms,
      }
    }
    case 'refused':
      return { status: event.status, reason: event.reason, jti: event.jti }
    case 'crashed':
      return { ...describeError(event.error) }
    case 'listening':
      return { host: event.host, port: event.port }
    default:
      return { running: event.running }
  }
}

/** Returns a code that decides a verdict, or `OTHER`, since a server may put a secret there. */
const loggedCode = (code: string | null) =>
  code === null || Object.hasOwn(CODE_KINDS, code) ? code : 'OTHER'

/** Returns the class of an error and its stack frames, without its message. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, at: frames.slice(0, 5).join(' |') }
}

export type Event =
  | { name: 'probed'; jti: string; request: ProbeRequest; report: ProbeReport }
  /**
   * A request that was not run. `reason` is one of a fixed set and never quotes the caller; `jti` is
   * null unless the message was sealed with a key of the ring.
   */
  | { name: 'refused'; status: number; reason: string; jti: string | null }
  | { name: 'crashed'; error: unknown }
  | { name: 'listening'; host: string; port: number }
  | { name: 'draining' | 'closing' | 'stopped'; running: number }

export type Log = (event: Event) => void
