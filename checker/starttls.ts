/**
 * Negotiates STARTTLS. These are the only bytes that the checker sends in plaintext: EHLO and STARTTLS. No
 * credential is involved yet; an attacker on the path can only make it fail.
 */
import type { Duplex } from 'node:stream'
import type { MailProtocol } from '../schema/mail-servers.ts'
import { byeFault } from './greeting.ts'
import { readLine, sendCommand } from './lines.ts'
import {
  type Fault,
  judgeImap,
  judgeSmtp,
  parseSmtpReply,
  splitResponseCode,
  wrongProtocol,
} from './verdict.ts'

/** Address literal (RFC 5321, section 4.1.3) that reveals nothing about where the checker runs. */
export const EHLO_NAME = '[127.0.0.1]'

const TAG = 'S1'
const MAX_UNTAGGED = 50

/** Functions that ask the server to start TLS. They return null when the handshake may begin. */
export const startTls: Record<MailProtocol, (socket: Duplex) => Promise<Fault | null>> = {
  imap: negotiateImap,
  smtp: negotiateSmtp,
}

/** Sends STARTTLS without CAPABILITY first, since a capability list in plaintext may be forged. */
async function negotiateImap(socket: Duplex): Promise<Fault | null> {
  socket.write(`${TAG} STARTTLS\r\n`)
  for (let lines = 0; lines < MAX_UNTAGGED; lines++) {
    const line = await readLine(socket)
    if (!line.ok) return line.fault
    const [, tag, status = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/.exec(line.value) ?? []
    if (tag === '*' && status.toUpperCase() === 'BYE') return byeFault(rest)
    if (tag !== TAG) continue
    return status.toUpperCase() === 'OK'
      ? detectInjection(socket)
      : refusedByImap(line.value, status.toUpperCase(), rest)
  }
  return { kind: 'protocol', detail: 'The server did not reply to STARTTLS.' }
}

async function negotiateSmtp(socket: Duplex): Promise<Fault | null> {
  const ehlo = await sendCommand(socket, `EHLO ${EHLO_NAME}`)
  if (!ehlo.ok) return ehlo.fault
  if (parseSmtpReply(ehlo.value)?.code !== 250) return unexpectedReply(ehlo.value)
  if (!/^250[ -]STARTTLS\s*$/im.test(ehlo.value)) {
    return { kind: 'starttls_refused', detail: 'The server does not offer STARTTLS.' }
  }
  const sent = await sendCommand(socket, 'STARTTLS')
  if (!sent.ok) return sent.fault
  const accepted = parseSmtpReply(sent.value)?.code === 220
  return accepted ? detectInjection(socket) : unexpectedReply(sent.value)
}

/**
 * Detects bytes that arrived with the reply to STARTTLS. A server sends nothing more before the
 * handshake, so they were injected in plaintext, to be processed later as if they had come over TLS
 * (CVE-2011-0411 and others like it). Bytes that arrive later break the handshake.
 */
function detectInjection(socket: Duplex): Fault | null {
  if (socket.readableLength === 0) return null
  return {
    kind: 'starttls_injection',
    detail: 'Data was injected after the reply to STARTTLS. This is an attack on the connection.',
  }
}

/** A refusal that is temporary, such as `NO [UNAVAILABLE]`, says nothing about what the server supports. */
function refusedByImap(reply: string, status: string, rest: string): Fault {
  if (status !== 'NO' && status !== 'BAD') return refused(reply)
  const { code, text } = splitResponseCode(rest)
  const kind = judgeImap({ status, code, text }, null)
  const facts = { imap_status: status, imap_response_code: code } as const
  return kind === 'unavailable' || kind === 'throttled'
    ? { ...temporarilyRefused(reply), ...facts, kind }
    : { ...refused(reply), ...facts }
}

function temporarilyRefused(reply: string): Fault {
  const detail = `The server is temporarily unable to start TLS: ${reply}`
  return { kind: 'unavailable', reply, detail }
}

function refused(reply: string): Fault {
  return { kind: 'starttls_refused', reply, detail: `The server refused STARTTLS: ${reply}` }
}

function unexpectedReply(reply: string): Fault {
  const parsed = parseSmtpReply(reply)
  if (parsed === null) return wrongProtocol('smtp', reply)
  const facts = { smtp_code: parsed.code, smtp_enhanced: parsed.enhanced }
  return parsed.code >= 400 && parsed.code < 500
    ? { ...temporarilyRefused(reply), ...facts, kind: judgeSmtp(parsed, null) }
    : { ...refused(reply), ...facts }
}
