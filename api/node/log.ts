/** The log of a server of one's own: the lines of the Worker with a time, which a file has no other way to know. */
import type { Log } from '../log.ts'

/** Most bytes that wait in memory while the reader of the output has stopped; further lines are dropped. */
const MAX_BACKLOG = 4_194_304

const toLine = (time: Date, ...[level, event, fields]: Parameters<Log>): string =>
  `${JSON.stringify({ time: time.toISOString(), level, event, ...fields })}\n`

export const createLog =
  (write: (line: string) => void, now: () => Date): Log =>
  (...entry) =>
    write(toLine(now(), ...entry))

/** Returns a function that writes lines to the stream, and counts those that it drops while they are not read. */
export function boundedWriter(
  stream: Pick<NodeJS.WriteStream, 'write' | 'writableLength'>,
  now: () => Date,
): (line: string) => void {
  let dropped = 0
  return (line) => {
    if (stream.writableLength > MAX_BACKLOG) {
      dropped += 1
      return
    }
    if (dropped > 0) stream.write(toLine(now(), 'warn', 'log_lines_dropped', { count: dropped }))
    dropped = 0
    stream.write(line)
  }
}

const now = () => new Date()

/** The log of this process, on standard output. */
export const processLog = createLog(boundedWriter(process.stdout, now), now)

/**
 * Returns class and stack frames of an error that ended the process. Node's own report prints the message, which
 * may contain a secret.
 */
export function describeCrash(error: unknown): { error: string; at?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, at: frames.slice(0, 5).join(' |') }
}
