/**
 * Turns a connected socket into one that a login may use: over verified TLS, with the greeting read. No
 * login ever holds a socket in plaintext, so no server can trick one into sending a credential over it.
 */
import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { SECOND_MS } from '../schema/durations.ts'
import type { ProbeRequest } from '../schema/probe.ts'
import { readGreeting } from './greeting.ts'
import { secure } from './secure.ts'
import { startTls } from './starttls.ts'
import type { Steps } from './steps.ts'
import { err, ok, type Result } from './verdict.ts'

/** Time that a closing server has left to respond: after LOGOUT, QUIT, BYE or 421. */
export const CLOSING_TIMEOUT_MS = SECOND_MS

export type Session = {
  socket: TLSSocket
  request: ProbeRequest
  steps: Steps
  /** The greeting, if it came over TLS. */
  greeting: string | null
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
    const fault = security === 'starttls' ? await startTls[protocol](raw) : null
    if (fault !== null) return err(fault)
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

  return ok({
    socket: secured.value,
    request,
    steps,
    greeting: clearGreeting === null ? greeting.value : null,
  })
}
