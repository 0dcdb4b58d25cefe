/**
 * Reads and judges the server's greeting before anything is sent. It must be a mail server of the requested protocol,
 * ready to accept a session.
 */
import type { Duplex } from 'node:stream'
import type { MailProtocol } from '../schema/mail-servers.ts'
import { readLine, readReply } from './lines.ts'
import {
  err,
  type Fault,
  judgeImap,
  parseSmtpReply,
  type Result,
  smtpFault,
  splitResponseCode,
  wrongProtocol,
} from './verdict.ts'

type GreetingRules = {
  read(socket: Duplex): Promise<Result<string>>
  judge(greeting: string): Fault | null
}

const RULES: Record<MailProtocol, GreetingRules> = {
  imap: { read: readLine, judge: judgeImapGreeting },
  smtp: { read: readReply, judge: judgeSmtpGreeting },
}

/** Returns the greeting without its final line break, or the fault that it amounts to. */
export async function readGreeting(
  protocol: MailProtocol,
  socket: Duplex,
): Promise<Result<string>> {
  const { read, judge } = RULES[protocol]
  const greeting = await read(socket)
  if (!greeting.ok) return greeting
  const fault = judge(greeting.value)
  return fault === null ? greeting : err(fault)
}

/** Judges OK, PREAUTH and BYE (RFC 9051, section 7.1). */
function judgeImapGreeting(line: string): Fault | null {
  const [, status, rest = ''] = /^\* (OK|PREAUTH|BYE)(?: (.*))?$/i.exec(line) ?? []
  switch (status?.toUpperCase()) {
    case 'OK':
      return null
    case 'PREAUTH':
      // An attacker on the path can send this so that TLS is never started; and a server that admits
      // everyone proves nothing about this account.
      return {
        kind: 'protocol',
        reply: line,
        detail: 'The server reports a session that is already logged in, before any login.',
      }
    case 'BYE':
      return byeFault(rest)
    default:
      return wrongProtocol('imap', line)
  }
}

/** Converts the text after `* BYE` to a fault. */
export function byeFault(rest: string): Fault {
  const { code, text } = splitResponseCode(rest)
  return {
    kind: judgeImap({ status: 'BYE', code, text }, null),
    reply: `BYE ${rest}`,
    imap_status: 'BYE',
    imap_response_code: code,
    detail: `The server ended the session: ${text}`,
  }
}

/** Judges the greeting (RFC 5321, section 3.1). A refusal at this point does not concern any account. */
function judgeSmtpGreeting(greeting: string): Fault | null {
  const reply = parseSmtpReply(greeting)
  if (reply?.code === 220) return null
  if (reply === null || reply.code < 400) return wrongProtocol('smtp', greeting)
  return smtpFault('unavailable', greeting, `The server refused the connection: ${greeting}`)
}
