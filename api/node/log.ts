/**
 * The log of your own server: the lines of the Worker, each with its time. On a terminal, everything is in
 * `DATA_DIR/log`, and the screen shows warnings and errors only.
 */
import { appendFileSync, renameSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log.ts'

/** Most bytes that wait in memory while the program that reads the output has stopped; further lines are dropped. */
const MAX_BACKLOG = 4_194_304

/** Most bytes of the file on a terminal; then it replaces the old one. */
const MAX_FILE = 10_000_000

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
 * Returns a function that appends lines to a file of at most 10 MB and keeps one old file. An error of the disk is
 * passed to `onFailure` once, and never thrown, since the service must go on without its log.
 */
export function createFileWriter(
  path: string,
  onFailure: (error: unknown) => void,
): (line: string) => void {
  let isReported = false
  return (line) => {
    // Undefined until the size is known, so that a failure before that removes nothing from the file.
    let size: number | undefined
    try {
      size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
      if (size + Buffer.byteLength(line) > MAX_FILE) {
        renameSync(path, `${path}.old`)
        size = 0
      }
      appendFileSync(path, line, { mode: 0o600 })
    } catch (error) {
      if (size !== undefined) removePart(path, size)
      if (isReported) return
      // Set first, since the report might be written to this file, too.
      isReported = true
      onFailure(error)
    }
  }
}

/** Removes the part of a line that was written before the disk was full. */
function removePart(path: string, size: number): void {
  try {
    truncateSync(path, size)
  } catch {
    // There is no file to shorten.
  }
}

/**
 * Escapes control characters and invisible ones, but not the ends of lines. A name in a file that others have changed
 * could otherwise move the cursor or reverse a line on the terminal.
 */
export const printable = (text: string): string =>
  text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
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

/** True if the log goes to a file, since standard output is a terminal. */
export const atTerminal = process.stdout.isTTY === true

let writeToFile = (_line: string): void => {}

/** Begins the file of the log on a terminal. The folder must be locked. */
export function openLogFile(dataDir: string, onFailure: (path: string, error: unknown) => void) {
  const path = join(dataDir, 'log')
  if (atTerminal) writeToFile = createFileWriter(path, (error) => onFailure(path, error))
}

const terminalLog: Log = (level, event, fields) => {
  writeToFile(toLine(now(), level, event, fields))
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
