/**
 * Sends commands and reads the responses, in lines. Length is limited, and bytes after a line stay in the socket for the
 * next reader.
 */
import type { Duplex } from 'node:stream'
import { SECOND_MS } from '../schema/durations.ts'
import { errorCode } from './dial.ts'
import {
  byeFault,
  connectionClosed,
  err,
  type Fault,
  ok,
  type Result,
  TOO_MUCH_DATA,
} from './verdict.ts'

/** RFC 9051 sets no limit; lines of Exchange and Dovecot stay below 2 KiB. */
const MAX_LINE_BYTES = 32 * 1024
/** Limits of the response to one command. */
const MAX_RESPONSE_BYTES = 64 * 1024
const MAX_RESPONSE_LINES = 100
const LF = 0x0a

/** Time that a closing server has left to respond: after LOGOUT, QUIT, BYE or 421. */
export const CLOSING_TIMEOUT_MS = SECOND_MS

/** Reads one line, without its line break. Fails if the connection ends or the line is too long. */
export function readLine(socket: Duplex): Promise<Result<string>> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let size = 0

    function settle(result: Result<string>) {
      socket.off('readable', onReadable)
      socket.off('error', onError)
      socket.off('end', onEnd)
      socket.off('close', onEnd)
      resolve(result)
    }

    function onReadable() {
      for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
        const at = chunk.indexOf(LF)
        const part = at < 0 ? chunk : chunk.subarray(0, at)
        size += part.length
        if (size > MAX_LINE_BYTES) return settle(err(TOO_MUCH_DATA))
        parts.push(part)
        if (at >= 0) {
          settle(ok(Buffer.concat(parts).toString().replace(/\r$/, '')))
          // After removing the listener, which would otherwise read the rest as well.
          if (at + 1 < chunk.length) socket.unshift(chunk.subarray(at + 1))
          return
        }
      }
    }

    const onError = (error: Error) => settle(err(connectionClosed(errorCode(error))))
    const onEnd = () => settle(err(connectionClosed(null)))

    socket.on('readable', onReadable)
    socket.on('error', onError)
    socket.on('end', onEnd)
    socket.on('close', onEnd)
    if (socket.destroyed || socket.readableEnded) onEnd()
    else onReadable()
  })
}

/**
 * Reads a whole SMTP reply; its lines are joined by line feeds. All must have the same code (RFC 5321, section 4.2.1),
 * since with two codes neither is reliable.
 */
export async function readReply(socket: Duplex): Promise<Result<string>> {
  const lines: string[] = []
  let size = 0
  for (;;) {
    const line = await readLine(socket)
    if (!line.ok) return line
    lines.push(line.value)
    size += line.value.length
    const [first = ''] = lines
    if (lines.length > 1 && !/^\d{3}(?:[ -]|$)/.test(line.value)) return err(mixedReply(lines))
    if (line.value.slice(0, 3) !== first.slice(0, 3)) return err(mixedReply(lines))
    if (!/^\d{3}-/.test(line.value)) return ok(lines.join('\n'))
    if (lines.length > MAX_RESPONSE_LINES || size > MAX_RESPONSE_BYTES) return err(TOO_MUCH_DATA)
  }
}

function mixedReply(lines: readonly string[]): Fault {
  const reply = lines.join('\n')
  const detail = `The server sent several reply codes in one reply, which is not valid SMTP: ${reply}`
  return { kind: 'protocol', reply, detail }
}

/** Sends an SMTP command and reads the reply. */
export function sendCommand(socket: Duplex, command: string): Promise<Result<string>> {
  socket.write(`${command}\r\n`)
  return readReply(socket)
}

/** Response to an IMAP command. */
export type CommandResponse = {
  /** The tagged line: its status in upper case and the text after that. A fault if there is none. */
  tagged: Result<{ status: string; text: string }>
  /** Untagged lines, without their asterisk. */
  untagged: string[]
  /** Texts of the continuation requests (`+`). */
  requests: string[]
}

/**
 * Sends an IMAP command, then one of `answers` at each continuation request. The tagged response counts more than BYE,
 * which counts more than a closed connection, in whatever order they arrive. Lines that are not IMAP are ignored.
 */
export async function sendImapCommand(
  socket: Duplex,
  tag: string,
  command: string,
  answers: readonly string[] = [],
): Promise<CommandResponse> {
  const untagged: string[] = []
  const requests: string[] = []
  let bye: Fault | null = null
  let closing: NodeJS.Timeout | undefined
  let size = 0
  const end = (tagged: CommandResponse['tagged']) => {
    clearTimeout(closing)
    return { tagged, untagged, requests }
  }
  socket.write(`${tag} ${command}\r\n`)
  for (let lines = 0; lines < MAX_RESPONSE_LINES && size < MAX_RESPONSE_BYTES; lines++) {
    const read = await readLine(socket)
    if (!read.ok) return end(bye === null ? read : err(bye))
    const line = read.value
    size += line.length
    const [, label, status = '', text = ''] = /^(\S+) ?(\S*) ?(.*)$/.exec(line) ?? []
    if (label === tag) return end(ok({ status: status.toUpperCase(), text }))
    if (label === '+') {
      const answer = answers[requests.length]
      if (answer !== undefined) socket.write(`${answer}\r\n`)
      requests.push(line.slice(2))
    }
    if (label !== '*') continue
    // A literal follows, but no response to a login contains one.
    if (/\{\d+\+?\}$/.test(line)) break
    untagged.push(line.slice(2))
    if (status.toUpperCase() !== 'BYE') continue
    bye ??= byeFault(text)
    closing ??= setTimeout(() => socket.destroy(), CLOSING_TIMEOUT_MS)
  }
  return end(err(TOO_MUCH_DATA))
}

/** Sends LOGOUT or QUIT without delaying the report. */
export function sendGoodbye(socket: Duplex, command: string): void {
  const timer = setTimeout(() => socket.destroy(), CLOSING_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
  socket.write(`${command}\r\n`)
}
