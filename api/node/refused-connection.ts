/** Answers to what Node's parser refuses, before there is a request: with the same statuses as Node itself. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND_MS } from '../../schema/durations.ts'
import type { Problem } from '../../schema/problem.ts'
import { PROBLEM_JSON } from '../problem.ts'

type Refusal = { status: number; detail: string }

const REFUSALS: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    detail: 'Address and headers together must not exceed 16 KiB. Send fewer or shorter cookies.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, detail: 'The chunk extensions are too long.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request was not sent in time.' },
}

const MALFORMED: Refusal = { status: 400, detail: 'The request is not valid HTTP/1.1.' }

/** Time in which a client can read the answer while it is still sending. */
const LINGER_MS = 2 * SECOND_MS

const refused = new WeakSet<Socket>()

/**
 * Answers and closes the connection. Returns what to log, or null if there was no answer: nothing was sent, or the
 * client would read it as a part of another answer (`answered`).
 */
export function refuseConnection(
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket,
  answered: boolean,
): { request_id: string; status: number } | null {
  // The parser refuses everything that follows, too.
  if (refused.has(socket)) return null
  refused.add(socket)
  if (!socket.writable || answered || socket.bytesRead === 0) {
    socket.destroy()
    return null
  }
  const { status, detail } = REFUSALS[code] ?? MALFORMED
  const requestId = crypto.randomUUID()
  const title = STATUS_CODES[status] ?? ''
  const body = JSON.stringify({
    type: 'about:blank',
    title,
    status,
    detail,
    instance: '/',
    code: 'bad_request',
    request_id: requestId,
  } satisfies Problem)
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
  return { request_id: requestId, status }
}
