/**
 * From a plain socket to what a mail library is given: a socket under verified TLS, with the
 * greeting put back in front, and a ceiling on what the server may send. No library ever holds a
 * socket in clear, so none can send a credential over one, whatever a server makes it believe.
 */
import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { ProbeRequest } from '../schema/probe.ts'
import { greetingForLibrary, readGreeting } from './greeting.ts'
import { secure } from './secure.ts'
import { askForTls } from './starttls.ts'
import type { Steps } from './steps.ts'
import { type Fault, fail, ok, type Result } from './verdict.ts'

/** Everything a login and an EXAMINE can need, many times over. */
const MAX_SESSION_BYTES = 256 * 1024
/** How long a server may take to answer LOGOUT or QUIT before its connection is cut, milliseconds. */
export const FAREWELL = 1_000

export type Session = {
  socket: TLSSocket
  request: ProbeRequest
  steps: Steps
  meter: Meter
}

/** The steps `tls` and `greeting`, in the order that the security mode has. */
export async function openSession(
  raw: Socket,
  host: string,
  request: ProbeRequest,
  steps: Steps,
  trust: SecureContext,
): Promise<Result<Session>> {
  const { protocol, security } = request

  async function greet(socket: Socket) {
    steps.begin('greeting')
    const greeting = await readGreeting(protocol, socket)
    if (greeting.ok) steps.pass(`The server says: ${greeting.value}`)
    return greeting
  }

  async function encrypt() {
    steps.begin('tls')
    const refused = security === 'starttls' ? await askForTls(protocol, raw) : null
    if (refused !== null) return fail(refused)
    const secured = await secure(raw, host, trust)
    if (secured.ok) {
      steps.pass(`${secured.value.getProtocol()}, with a certificate that is valid for ${host}.`)
    }
    return secured
  }

  const early = security === 'starttls' ? await greet(raw) : null
  if (early?.ok === false) return early
  const secured = await encrypt()
  if (!secured.ok) return secured
  const greeting = early ?? (await greet(secured.value))
  if (!greeting.ok) return greeting

  const socket = secured.value
  socket.unshift(Buffer.from(greetingForLibrary(protocol, greeting.value, early === null)))
  return ok({ socket, request, steps, meter: meter(socket) })
}

export type Meter = { exceeded(): boolean }

/**
 * Counts what arrives and destroys the socket beyond the limit. The socket is left paused, and the
 * library that takes it resumes it: nothing is counted, or lost, before someone listens.
 */
function meter(socket: TLSSocket): Meter {
  let received = 0
  socket.pause()
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > MAX_SESSION_BYTES) socket.destroy()
  })
  return { exceeded: () => received > MAX_SESSION_BYTES }
}

export const EXCEEDED: Fault = {
  kind: 'protocol',
  detail: 'The server sent far more than a login needs, so the connection was cut.',
}
