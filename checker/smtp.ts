/**
 * SMTP login: EHLO, AUTH, QUIT; no mail is ever sent. One reply is read at a time, so what a server sends
 * after its answer to AUTH, or does to the connection, cannot change the verdict.
 */
import type { TLSSocket } from 'node:tls'
import { encodeBase64 } from '../schema/base64.ts'
import { readReply, sendCommand } from './lines.ts'
import { parseChallenge, plain, xoauth2 } from './sasl.ts'
import { CLOSING_TIMEOUT_MS, type Session } from './session.ts'
import { EHLO_NAME } from './starttls.ts'
import {
  describeRefusal,
  type Fault,
  fail,
  judgeSmtp,
  ok,
  parseSmtpReply,
  type Result,
  wrongProtocol,
} from './verdict.ts'

/** Logs in. Returns null if the server answered 235. The caller closes the connection after a fault. */
export async function loginOverSmtp(session: Session): Promise<Fault | null> {
  const { socket, steps } = session
  steps.begin('authenticate')
  const mechanisms = await requestMechanisms(socket)
  const fault = mechanisms.ok ? await authenticate(session, mechanisms.value) : mechanisms.fault
  if (fault !== null) return fault
  steps.pass(`The server accepted the login (${steps.mechanism()}).`)
  steps.skip('mailbox', 'SMTP has no mailbox to open; no mail is sent.')
  quit(socket)
  return null
}

/** Returns the SASL mechanisms in the answer to EHLO (RFC 4954, section 3), in upper case. */
async function requestMechanisms(socket: TLSSocket): Promise<Result<string[]>> {
  const ehlo = await sendCommand(socket, `EHLO ${EHLO_NAME}`)
  if (!ehlo.ok) return ehlo
  const answer = parseSmtpReply(ehlo.value)
  if (answer?.code !== 250) return fail(refusedEhlo(ehlo.value))
  const offers = ehlo.value.matchAll(/^250[ -]AUTH[ \t=](.*)$/gim)
  const names = Array.from(offers).flatMap(([, list = '']) => list.toUpperCase().split(/[\s=]+/))
  return ok(names.filter((name) => /^[A-Z0-9_-]{1,20}$/.test(name)))
}

/** Judges a refused EHLO. It cannot concern the credential. */
function refusedEhlo(reply: string): Fault {
  const answer = parseSmtpReply(reply)
  const temporary = answer !== null && answer.code >= 400 && answer.code < 500
  return {
    kind: temporary ? judgeSmtp(answer, null) : 'protocol',
    reply,
    smtp_code: answer?.code ?? null,
    smtp_enhanced: answer?.enhanced ?? null,
    detail: `The server ended the session before the login: ${reply}`,
  }
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
    return authenticateXoauth2(socket, xoauth2(identity, credential.access_token))
  }
  const { password } = credential
  return sendLines(
    socket,
    mechanism === 'PLAIN'
      ? [`AUTH PLAIN ${plain(identity, password)}`]
      : ['AUTH LOGIN', encodeBase64(identity), encodeBase64(password)],
  )
}

/** Sends the lines as long as the server answers 334, and judges the last answer. */
async function sendLines(socket: TLSSocket, lines: string[]): Promise<Fault | null> {
  let reply: Result<string> = ok('')
  for (const line of lines) {
    reply = await sendCommand(socket, line)
    if (!isContinuation(reply)) break
  }
  return judgeAnswer(socket, reply, null)
}

/** Sends the token. An error challenge (334) is answered with an empty line; then comes the refusal. */
async function authenticateXoauth2(socket: TLSSocket, message: string): Promise<Fault | null> {
  let reply = await sendCommand(socket, `AUTH XOAUTH2 ${message}`)
  let challenge: string | null = null
  if (reply.ok && isContinuation(reply)) {
    challenge = parseChallenge(reply.value.slice(4).trim())
    reply = await sendCommand(socket, '')
  }
  // RFC 4954, section 4: `*` cancels. A second challenge has no meaning in XOAUTH2.
  if (isContinuation(reply)) reply = await sendCommand(socket, '*')
  return judgeAnswer(socket, reply, challenge)
}

const isContinuation = (reply: Result<string>) => reply.ok && reply.value.startsWith('334')

/** Judges the final answer to AUTH. Only 235 means success (RFC 4954, section 6). */
async function judgeAnswer(
  socket: TLSSocket,
  first: Result<string>,
  challenge: string | null,
): Promise<Fault | null> {
  if (!first.ok) return { ...first.fault, challenge }
  const reply = await readBeyondClosing(socket, first.value)
  const answer = parseSmtpReply(reply)
  if (answer?.code === 235) return null
  if (answer === null) return wrongProtocol('smtp', reply)
  const kind = judgeSmtp(answer, challenge)
  return {
    kind,
    reply,
    smtp_code: answer.code,
    smtp_enhanced: answer.enhanced,
    challenge,
    detail: describeRefusal(kind, 'authenticate', reply),
  }
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
