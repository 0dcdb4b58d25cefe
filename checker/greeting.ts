/**
 * The first words of a server, judged before anything is said to it: is it a mail server of this
 * protocol, and does it take us?
 */
import type { Duplex } from 'node:stream'
import type { Protocol } from '../schema/mail-servers.ts'
import { readLine, readReply } from './lines.ts'
import { type Fault, fail, judgeImap, type Result, readSmtpReply } from './verdict.ts'

/** The greeting as it came, without line breaks at its end. */
export async function readGreeting(protocol: Protocol, socket: Duplex): Promise<Result<string>> {
  const greeting = protocol === 'imap' ? await readLine(socket) : await readReply(socket)
  if (!greeting.ok) return greeting
  const fault =
    protocol === 'imap' ? judgeImapGreeting(greeting.value) : judgeSmtpGreeting(greeting.value)
  return fault === null ? greeting : fail(fault)
}

/** RFC 9051, section 7.1: OK, PREAUTH or BYE. */
function judgeImapGreeting(line: string): Fault | null {
  const [, status, rest = ''] = /^\* (OK|PREAUTH|BYE)(?: (.*))?$/i.exec(line) ?? []
  switch (status?.toUpperCase()) {
    case 'OK':
      return null
    case 'PREAUTH':
      // Whoever is on the path can send this to keep a session from ever starting TLS, and a
      // server that lets everyone in tells nothing about this account.
      return {
        kind: 'protocol',
        reply: line,
        detail: 'The server says that the session is logged in already, before any login.',
      }
    case 'BYE':
      return byeFault(rest)
    default:
      return foreign(line, 'an IMAP')
  }
}

/** What `* BYE` with this text means. */
export function byeFault(rest: string): Fault {
  const [, code = null, text = rest] = /^\[([^\] ]+)[^\]]*\] ?(.*)$/.exec(rest) ?? []
  return {
    kind: judgeImap({ status: 'BYE', code, text }, null),
    reply: `BYE ${rest}`,
    imap_status: 'BYE',
    imap_response_code: code,
    detail: `The server ends the session: ${text}`,
  }
}

/** RFC 5321, section 3.1: 220, or a refusal to talk at all, which is not about any account. */
function judgeSmtpGreeting(greeting: string): Fault | null {
  const reply = readSmtpReply(greeting)
  if (reply?.code === 220) return null
  if (reply === null || reply.code < 400) return foreign(greeting, 'an SMTP')
  return {
    kind: 'unavailable',
    reply: greeting,
    smtp_code: reply.code,
    smtp_enhanced: reply.enhanced,
    detail: `The server takes no connection: ${greeting}`,
  }
}

function foreign(line: string, wanted: string): Fault {
  return {
    kind: 'protocol',
    reply: line,
    detail: `This is not ${wanted} server. It says: ${line}`,
  }
}

/**
 * A greeting for the mail library to begin with, in place of the one that was read. In clear, the
 * real one was open to forgery, and RFC 9051 (6.2.1) has its capabilities forgotten after STARTTLS;
 * under TLS an IMAP greeting may name them, which saves a round trip.
 */
export function greetingForLibrary(protocol: Protocol, greeting: string, underTls: boolean) {
  if (protocol === 'smtp') return '220 ready\r\n'
  return underTls ? `${greeting}\r\n` : '* OK ready\r\n'
}
