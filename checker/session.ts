/**
 * Turns a connected socket into one that a mail library may use: over verified TLS, with the greeting put
 * back in front, and with a limit on what the server may send. No library ever holds a socket in clear,
 * so no server can trick one into sending a credential over it.
 */
import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { SECOND_MS } from '../schema/durations.ts'
import type { ProbeRequest } from '../schema/probe.ts'
import { greetingForLibrary, readGreeting } from './greeting.ts'
import { secure } from './secure.ts'
import { negotiateStartTls } from './starttls.ts'
import type { Steps } from './steps.ts'
import { fail, ok, type Result } from './verdict.ts'

/** Far more than a login and an EXAMINE need. */
const MAX_SESSION_BYTES = 256 * 1024
/** Time for the server to answer LOGOUT or QUIT before the connection is destroyed. */
export const LOGOUT_TIMEOUT_MS = SECOND_MS

export type Session = {
  socket: TLSSocket
  request: ProbeRequest
  steps: Steps
  meter: Meter
}

/** Runs the steps `tls` and `greeting`; with STARTTLS, the greeting comes first. */
export async function openSession(
  raw: Socket,
  host: string,
  request: ProbeRequest,
  steps: Steps,
  tlsContext: SecureContext,
): Promise<Result<Session>> {
  const { protocol, security } = request

  async function greet(socket: Socket) {
    steps.begin('greeting')
    const greeting = await readGreeting(protocol, socket)
    if (greeting.ok) steps.pass(`The server sent: ${greeting.value}`)
    return greeting
  }

  async function encrypt() {
    steps.begin('tls')
    const fault = security === 'starttls' ? await negotiateStartTls(protocol, raw) : null
    if (fault !== null) return fail(fault)
    const secured = await secure(raw, host, tlsContext)
    if (secured.ok) {
      steps.pass(`${secured.value.getProtocol()}, with a certificate valid for ${host}.`)
    }
    return secured
  }

  const clearGreeting = security === 'starttls' ? await greet(raw) : null
  if (clearGreeting?.ok === false) return clearGreeting
  const secured = await encrypt()
  if (!secured.ok) return secured
  const greeting = clearGreeting ?? (await greet(secured.value))
  if (!greeting.ok) return greeting

  const socket = secured.value
  const overTls = clearGreeting === null
  socket.unshift(Buffer.from(greetingForLibrary(protocol, greeting.value, overTls)))
  return ok({ socket, request, steps, meter: createMeter(socket) })
}

export type Meter = { exceeded(): boolean }

/**
 * Counts received bytes and destroys the socket beyond the limit. The socket stays paused until the
 * library resumes it, so that no data is lost.
 */
function createMeter(socket: TLSSocket): Meter {
  let received = 0
  socket.pause()
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > MAX_SESSION_BYTES) socket.destroy()
  })
  return { exceeded: () => received > MAX_SESSION_BYTES }
}
