/**
 * Bounded reading of the few lines that come before a mail library takes over: the greeting and the
 * STARTTLS exchange. What follows a line stays in the socket, for the next reader or the library.
 */
import type { Duplex } from 'node:stream'
import { codeOf } from './dial.ts'
import { type Fault, fail, ok, type Result } from './verdict.ts'

/** RFC 9051 sets no limit; Exchange and Dovecot stay below 2 KiB. */
const MAX_LINE = 64 * 1024
const MAX_REPLY_LINES = 100
const LF = 0x0a

const TOO_MUCH: Fault = {
  kind: 'protocol',
  detail: 'The server sends more than a mail server has to say here.',
}

/** One line without its line break. Fails when the connection ends, or the line does not. */
export function readLine(socket: Duplex): Promise<Result<string>> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let size = 0

    function settle(result: Result<string>) {
      socket.off('readable', take)
      socket.off('error', broken)
      socket.off('end', ended)
      socket.off('close', ended)
      resolve(result)
    }

    function take() {
      for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
        const at = chunk.indexOf(LF)
        const part = at < 0 ? chunk : chunk.subarray(0, at)
        size += part.length
        if (size > MAX_LINE) return settle(fail(TOO_MUCH))
        parts.push(part)
        if (at >= 0) {
          settle(ok(Buffer.concat(parts).toString().replace(/\r$/, '')))
          // Only after the listener has gone, or it would be called with the rest.
          if (at + 1 < chunk.length) socket.unshift(chunk.subarray(at + 1))
          return
        }
      }
    }

    const broken = (error: Error) => settle(fail(connectionEnded(codeOf(error))))
    const ended = () => settle(fail(connectionEnded(null)))

    socket.on('readable', take)
    socket.on('error', broken)
    socket.on('end', ended)
    socket.on('close', ended)
    if (socket.destroyed || socket.readableEnded) ended()
    else take()
  })
}

/** A whole SMTP reply, its lines joined by line feeds (RFC 5321, section 4.2.1). */
export async function readReply(socket: Duplex): Promise<Result<string>> {
  const lines: string[] = []
  let size = 0
  for (;;) {
    const line = await readLine(socket)
    if (!line.ok) return line
    lines.push(line.value)
    size += line.value.length
    if (!/^\d{3}-/.test(line.value)) return ok(lines.join('\n'))
    if (lines.length > MAX_REPLY_LINES || size > MAX_LINE) return fail(TOO_MUCH)
  }
}

export function connectionEnded(code: string | null): Fault {
  return { kind: 'unavailable', code, detail: 'The server ended the connection.' }
}
