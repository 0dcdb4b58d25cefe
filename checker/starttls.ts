/**
 * Negotiates STARTTLS. These are the only bytes that the checker sends in plaintext: EHLO and STARTTLS. No
 * credential is involved yet; an attacker on the path can only make it fail.
 */
import type { Duplex } from 'node:stream'
import type { MailProtocol } from '../schema/mail-servers.ts'
import { sendCommand, sendImapCommand } from './lines.ts'
import {
  type Fault,
  imapFacts,
  isTemporary,
  judgeSmtp,
  parseSmtpReply,
  smtpFault,
  wrongProtocol,
} from './verdict.ts'

/** Address literal (RFC 5321, section 4.1.3) that reveals nothing about where the checker runs. */
export const EHLO_NAME = '[127.0.0.1]'

/** Functions that ask the server to start TLS. They return null when the handshake may begin. */
export const startTls: Record<MailProtocol, (socket: Duplex) => Promise<Fault | null>> = {
  imap: negotiateImap,
  smtp: negotiateSmtp,
}

/** Sends STARTTLS without CAPABILITY first, since a capability list in plaintext may be forged. */
async function negotiateImap(socket: Duplex): Promise<Fault | null> {
  const { tagged } = await sendImapCommand(socket, 'S1', 'STARTTLS')
  if (!tagged.ok) return tagged.fault
  const { status, text } = tagged.value
  if (status === 'OK') return detectInjection(socket)
  const reply = `${status} ${text}`
  if (status !== 'NO' && status !== 'BAD') {
    return { kind: 'starttls_refused', reply, detail: `${REFUSED}: ${reply}` }
  }
  const facts = imapFacts(status, text, null)
  // Says nothing about what the server supports.
  return facts.kind === 'unavailable' || facts.kind === 'throttled'
    ? { ...facts, detail: `${UNABLE}: ${reply}` }
    : { ...facts, kind: 'starttls_refused', detail: `${REFUSED}: ${reply}` }
}

const REFUSED = 'The server refused STARTTLS'
const UNABLE = 'The server is temporarily unable to start TLS'

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

function unexpectedReply(reply: string): Fault {
  const parsed = parseSmtpReply(reply)
  if (parsed === null) return wrongProtocol('smtp', reply)
  return isTemporary(parsed)
    ? smtpFault(judgeSmtp(parsed, null), reply, UNABLE)
    : smtpFault('starttls_refused', reply, REFUSED)
}
