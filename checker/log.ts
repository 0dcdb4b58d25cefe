/**
 * One JSON line per event, made from named fields only. No reply of a server, no identity, no body
 * and no message of an error goes in: any of them could hold a secret.
 */
import { type DestinationStream, pino } from 'pino'
import type { Event, Log } from './events.ts'

/**
 * Lines go to standard output unless a test takes them. By way of Node's stream: pino's own writer
 * repeats a write for ever when the reader has gone as the process ends.
 */
export function createLog(destination: DestinationStream = process.stdout): Log {
  const options = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // The words of the Worker's lines, so that one rule finds the errors, or one `jti`, in both.
    messageKey: 'event',
    formatters: { level: (level: string) => ({ level }) },
  }
  const logger = pino(options, destination)
  return (event) => {
    const level = event.name === 'crashed' ? 'error' : 'info'
    logger[level](fieldsOf(event), event.name)
  }
}

function fieldsOf(event: Event): Record<string, string | number | null> {
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
        code: failure?.code ?? null,
        smtp_code: failure?.smtp_code ?? null,
        smtp_enhanced: failure?.smtp_enhanced ?? null,
        imap_status: failure?.imap_status ?? null,
        imap_response_code: failure?.imap_response_code ?? null,
        duration_ms: report.duration_ms,
      }
    }
    case 'refused':
      return { status: event.status, reason: event.reason, jti: event.jti }
    case 'crashed':
      return { ...describe(event.error) }
    case 'listening':
      return { host: event.host, port: event.port }
    default:
      return { running: event.running }
  }
}

/** The class of an error and where it was thrown. Its message stays out. */
function describe(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, at: frames.slice(0, 5).join(' |') }
}
