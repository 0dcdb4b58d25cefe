/** The log of a server of one's own: the lines of the Worker with a time, which a file has no other way to know. */
import type { Log } from '../log.ts'
import { createLineWriter } from './line-writer.ts'

const toLine = (time: Date, ...[level, event, fields]: Parameters<Log>): string =>
  `${JSON.stringify({ time: time.toISOString(), level, event, ...fields })}\n`

export const createLog =
  (write: (line: string) => void, now: () => Date): Log =>
  (...entry) =>
    write(toLine(now(), ...entry))

const lines = createLineWriter(process.stdout, (count) =>
  toLine(new Date(), 'warn', 'log_lines_dropped', { count }),
)
process.on('exit', lines.flush)

/** The log of this process, on standard output. */
export const processLog = createLog(lines.write, () => new Date())

/**
 * Returns class and stack frames of an error that ended the process. Node's own report prints the message, which
 * may contain a secret.
 */
export function describeCrash(error: unknown): { error: string; at?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, at: frames.slice(0, 5).join(' |') }
}
