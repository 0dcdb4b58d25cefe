/**
 * Reads lines and SMTP replies. Length is limited, and bytes after a line stay in the socket for the next
 * reader or the IMAP library.
 */
import type { Duplex } from 'node:stream'
import { errorCode } from './dial.ts'
import { connectionClosed, err, type Fault, ok, type Result, TOO_MUCH_DATA } from './verdict.ts'

/** RFC 9051 sets no limit; lines of Exchange and Dovecot stay below 2 KiB. */
const MAX_LINE_BYTES = 64 * 1024
const MAX_REPLY_LINES = 100
const LF = 0x0a

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
    if (lines.length > MAX_REPLY_LINES || size > MAX_LINE_BYTES) return err(TOO_MUCH_DATA)
  }
}

function mixedReply(lines: readonly string[]): Fault {
  const reply = lines.join('\n')
  const detail = `The server sent several reply codes in one reply, which is not valid SMTP: ${reply}`
  return { kind: 'protocol', reply, detail }
}

/** Sends a command and reads the reply. */
export function sendCommand(socket: Duplex, command: string): Promise<Result<string>> {
  socket.write(`${command}\r\n`)
  return readReply(socket)
}
