/**
 * SMTP login: EHLO, AUTH, QUIT. No mail is sent unless the request has a test message. One reply is read at a time, so what a server sends
 * after its reply to AUTH, or does to the connection, cannot change the verdict.
 */
import type { TLSSocket } from 'node:tls'
import { encodeBase64 } from '../schema/base64.ts'
import { readReply, sendCommand } from './lines.ts'
import { MAX_COMMAND_OCTETS, parseChallenge, plain, xoauth2 } from './sasl.ts'
import { sendMessage } from './send.ts'
import { CLOSING_TIMEOUT_MS, type Session } from './session.ts'
import { EHLO_NAME } from './starttls.ts'
import {
  ACCEPTED_EARLY,
  describeRefusal,
  err,
  type Fault,
  judgeClosing,
  judgeSmtp,
  ok,
  parseSmtpReply,
  type Result,
  smtpFault,
  wrongProtocol,
} from './verdict.ts'

/**
 * Logs in and sends the message, if there is one. Returns null if the server accepted both. The caller closes
 * the connection after a fault.
 */
export async function loginOverSmtp(session: Session, now: () => Date): Promise<Fault | null> {
  const { socket, steps, request } = session
  steps.begin('authenticate')
  const mechanisms = await requestMechanisms(socket)
  const fault = mechanisms.ok ? await authenticate(session, mechanisms.value) : mechanisms.fault
  if (fault !== null) return fault
  steps.pass(`The server accepted the login (${steps.mechanism()}).`)
  if (request.message === undefined) {
    steps.skip('mailbox', 'SMTP has no mailbox to open; no mail is sent.')
  } else {
    steps.skip('mailbox', 'SMTP has no mailbox to open.')
    const refusal = await sendMessage(session, request.message, now())
    if (refusal !== null) return refusal
  }
  quit(socket)
  return null
}

/** Returns the SASL mechanisms in the reply to EHLO (RFC 4954, section 3), in upper case. */
async function requestMechanisms(socket: TLSSocket): Promise<Result<string[]>> {
  const ehlo = await sendCommand(socket, `EHLO ${EHLO_NAME}`)
  if (!ehlo.ok) return ehlo
  const parsed = parseSmtpReply(ehlo.value)
  if (parsed?.code !== 250) return err(refusedEhlo(ehlo.value))
  const offers = ehlo.value.matchAll(/^250[ -]AUTH[ \t=](.*)$/gim)
  const names = Array.from(offers).flatMap(([, list = '']) => list.toUpperCase().split(/[\s=]+/))
  return ok(names.filter((name) => /^[A-Z0-9_-]{1,20}$/.test(name)))
}

/** Judges a refused EHLO. It cannot concern the credential. */
function refusedEhlo(reply: string): Fault {
  const parsed = parseSmtpReply(reply)
  const temporary = parsed !== null && parsed.code >= 400 && parsed.code < 500
  const kind = temporary ? judgeSmtp(parsed, null) : 'protocol'
  return smtpFault(kind, reply, `The server ended the session before the login: ${reply}`)
}

async function authenticate(
  { socket, request, steps }: Session,
  offered: readonly string[],
): Promise<Fault | null> {
  const { identity, credential } = request
  const mechanisms = credential.type === 'oauth' ? ['XOAUTH2'] : ['PLAIN', 'LOGIN']
  const mechanism = mechanisms.find((name) => offered.includes(name))
  if (mechanism === undefined) {
    const offer = offered.length > 0 ? `, only ${offered.join(', ')}` : ''
    const detail = `The server does not offer ${mechanisms.join(' or ')}${offer}.`
    return { kind: 'mechanism_missing', detail }
  }
  steps.useMechanism(mechanism)
  if (credential.type === 'oauth') {
    return sendLines(
      socket,
      withResponse('AUTH XOAUTH2', xoauth2(identity, credential.access_token)),
    )
  }
  const { password } = credential
  return sendLines(
    socket,
    mechanism === 'PLAIN'
      ? withResponse('AUTH PLAIN', plain(identity, password))
      : ['AUTH LOGIN', encodeBase64(identity), encodeBase64(password)],
  )
}

/**
 * Returns the lines that carry an initial response: one, or two where the command would be too long with it
 * (RFC 4954, section 4). Postfix cuts such a command, Dovecot and Google refuse it.
 */
function withResponse(command: string, response: string): string[] {
  const line = `${command} ${response}`
  return octetsOf(line) > MAX_COMMAND_OCTETS ? [command, response] : [line]
}

const octetsOf = (line: string) => line.length + '\r\n'.length

/**
 * Sends the lines as long as the server returns 334, and judges the last reply. After the credential, an empty line
 * acknowledges an error challenge, and `*` cancels (RFC 4954, section 4).
 */
async function sendLines(socket: TLSSocket, lines: readonly string[]): Promise<Fault | null> {
  let reply: Result<string> = ok('')
  let challenge: string | null = null
  for (const [index, line] of [...lines, '', '*'].entries()) {
    reply = await sendCommand(socket, line)
    if (!reply.ok) break
    const isSent = index >= lines.length - 1
    if (!isSent && reply.value.startsWith('235')) return ACCEPTED_EARLY
    if (!isSent && needsResponse(lines, reply.value)) return sendLines(socket, [lines.join(' ')])
    if (!reply.value.startsWith('334')) break
    if (index === lines.length - 1) challenge = parseChallenge(reply.value.slice(4).trim())
  }
  return judgeReply(socket, reply, challenge, Math.max(...lines.map(octetsOf)))
}

/**
 * Returns true if the reply to the command alone is 501 or 504. Servers that require the token in the command, however
 * long, reply so: some of Exchange in 2017, Apache James until 3.8.
 */
const needsResponse = (lines: readonly string[], reply: string) =>
  lines.length === 2 && /^50[14]/.test(reply)

/** Judges the final reply to AUTH. Only 235 means success (RFC 4954, section 6). */
async function judgeReply(
  socket: TLSSocket,
  first: Result<string>,
  challenge: string | null,
  octets: number,
): Promise<Fault | null> {
  if (!first.ok) return { ...judgeClosing(first.fault, octets), challenge }
  const reply = await readBeyondClosing(socket, first.value)
  const parsed = parseSmtpReply(reply)
  if (parsed?.code === 235) return null
  if (parsed === null) return wrongProtocol('smtp', reply)
  const kind = judgeSmtp(parsed, challenge, octets)
  const detail = describeRefusal(kind, 'authenticate', reply)
  return { ...smtpFault(kind, reply, detail), challenge }
}

/**
 * A server may announce at any time that it is closing (421; RFC 5321, section 3.8). Returns the refusal
 * that follows such a reply within a moment, or else the reply.
 */
async function readBeyondClosing(socket: TLSSocket, reply: string): Promise<string> {
  if (!reply.startsWith('421')) return reply
  const timer = setTimeout(() => socket.destroy(), CLOSING_TIMEOUT_MS)
  const next = await readReply(socket)
  clearTimeout(timer)
  return next.ok && next.value.startsWith('5') ? next.value : reply
}

/** Sends QUIT without delaying the report. */
function quit(socket: TLSSocket) {
  const timer = setTimeout(() => socket.destroy(), CLOSING_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
  socket.write('QUIT\r\n')
}
