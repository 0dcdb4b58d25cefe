/**
 * The log of your own server: the lines of the Worker, each with its time. A terminal shows the sentences of warnings
 * and errors only.
 */
import type { Log } from '../log.ts'

/** Most bytes that wait in memory while the program that reads the output has stopped; further lines are dropped. */
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

/**
 * Escapes control characters and invisible ones, but not the ends of lines. A name in a file that others have changed
 * could otherwise move the cursor or reverse a line on the terminal.
 */
export const printable = (text: string): string =>
  text.replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )

/** Returns the text of an entry for the screen: its sentence, or its event and its fields. */
export function toScreenText(
  event: string,
  { detail, ...fields }: Parameters<Log>[2] = {},
): string {
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
  return printable([detail ?? event, ...facts].join(' '))
}

const now = () => new Date()

export const atTerminal = process.stdout.isTTY === true

const terminalLog: Log = (level, event, fields) => {
  if (level !== 'info') console.error(toScreenText(event, fields))
}

export const processLog = atTerminal
  ? terminalLog
  : createLog(boundedWriter(process.stdout, now), now)

/**
 * Returns class and stack frames of an error that ended the process. Node's own report prints the message, which
 * may contain a secret.
 */
export function describeCrash(error: unknown): { error: string; at?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, at: frames.slice(0, 5).join(' |') }
}
