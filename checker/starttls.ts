/**
 * The only words this service says in clear: EHLO and STARTTLS. It ends with a server that is ready
 * for the TLS handshake, or in a fault; no mail library and no credential comes near the socket
 * before. An attacker on the path can at most make it fail.
 */
import type { Duplex } from 'node:stream'
import type { Protocol } from '../schema/mail-servers.ts'
import { byeFault } from './greeting.ts'
import { readLine, readReply } from './lines.ts'
import { type Fault, readSmtpReply } from './verdict.ts'

/** An address literal (RFC 5321, 4.1.3) that gives away nothing about where this runs. */
export const EHLO_NAME = '[127.0.0.1]'

const TAG = 'S1'
const MAX_UNTAGGED = 50

/** Null when the handshake may begin. */
export function askForTls(protocol: Protocol, socket: Duplex): Promise<Fault | null> {
  return protocol === 'imap' ? askOverImap(socket) : askOverSmtp(socket)
}

/** STARTTLS is asked for without CAPABILITY first: that list may be forged, the answer decides. */
async function askOverImap(socket: Duplex): Promise<Fault | null> {
  socket.write(`${TAG} STARTTLS\r\n`)
  for (let lines = 0; lines < MAX_UNTAGGED; lines++) {
    const line = await readLine(socket)
    if (!line.ok) return line.fault
    const [, tag, status = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/.exec(line.value) ?? []
    if (tag === '*' && status.toUpperCase() === 'BYE') return byeFault(rest)
    if (tag !== TAG) continue
    return status.toUpperCase() === 'OK' ? injected(socket) : refusal(line.value)
  }
  return { kind: 'protocol', detail: 'The server does not answer STARTTLS.' }
}

async function askOverSmtp(socket: Duplex): Promise<Fault | null> {
  socket.write(`EHLO ${EHLO_NAME}\r\n`)
  const ehlo = await readReply(socket)
  if (!ehlo.ok) return ehlo.fault
  const greeted = readSmtpReply(ehlo.value)
  if (greeted?.code !== 250) return unexpected(ehlo.value)
  if (!/^250[ -]STARTTLS\s*$/im.test(ehlo.value)) {
    return { kind: 'starttls_refused', detail: 'The server does not offer STARTTLS.' }
  }
  socket.write('STARTTLS\r\n')
  const answer = await readReply(socket)
  if (!answer.ok) return answer.fault
  return readSmtpReply(answer.value)?.code === 220 ? injected(socket) : unexpected(answer.value)
}

/**
 * A server is silent after its yes until the handshake. Bytes that are here already were put there
 * in clear, to be taken later for words that came under TLS (CVE-2011-0411 and its many kin).
 * What comes later still meets the handshake, and breaks it.
 */
function injected(socket: Duplex): Fault | null {
  if (socket.readableLength === 0) return null
  return {
    kind: 'starttls_injection',
    detail: 'Something on the way added words after the answer to STARTTLS: this is an attack.',
  }
}

function refusal(reply: string): Fault {
  return { kind: 'starttls_refused', reply, detail: `The server refuses STARTTLS: ${reply}` }
}

function unexpected(reply: string): Fault {
  const answer = readSmtpReply(reply)
  if (answer === null) {
    return { kind: 'protocol', reply, detail: `The server does not speak SMTP. It says: ${reply}` }
  }
  const facts = { reply, smtp_code: answer.code, smtp_enhanced: answer.enhanced }
  if (answer.code >= 400 && answer.code < 500) {
    return { ...facts, kind: 'unavailable', detail: `The server cannot start TLS now: ${reply}` }
  }
  return { ...refusal(reply), ...facts }
}
