/**
 * Sends one message after the login: MAIL, RCPT, DATA, one command at a time. The last byte of the message is the point
 * of no return, since without a reply to it, the message may have been sent.
 */
import { randomUUID } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { type ProbeRequest, TEST_MESSAGE } from '../schema/probe.ts'
import { sendCommand } from './lines.ts'
import type { Session } from './session.ts'
import { type Fault, judgeSending, parseSmtpReply, smtpFault } from './verdict.ts'

/** Sends the message. Returns null if the server accepted it with 250. */
export async function sendMessage(
  { socket, steps }: Session,
  message: Message,
  date: Date,
): Promise<Fault | null> {
  const { from, to } = message
  const id = messageId(message)
  const data = toData(await composeMessage(message, id, date))
  steps.begin('send')
  const commands = [
    { command: `MAIL FROM:<${from}>`, accepted: [250], subject: `the sender ${from}` },
    { command: `RCPT TO:<${to}>`, accepted: [250, 251], subject: `the recipient ${to}` },
    { command: 'DATA', accepted: [354], subject: 'to take a message' },
  ]
  for (const { command, accepted, subject } of commands) {
    const reply = await sendCommand(socket, command)
    if (!reply.ok) return { ...reply.fault, detail: `${reply.fault.detail} No message was sent.` }
    const refusal = refusalOf(reply.value, accepted, subject)
    if (refusal !== null) return refusal
  }
  steps.recordSent(null)
  const reply = await sendCommand(socket, data)
  if (!reply.ok) return undecided(reply.fault, message)
  const refusal = refusalOf(reply.value, [250], 'the message')
  if (refusal?.kind === 'protocol') return undecided(refusal, message)
  steps.recordSent(refusal === null)
  if (refusal === null) {
    steps.pass(`The server accepted the message ${id} for ${to}: ${reply.value}`)
  }
  return refusal
}

/** Judges the reply to one command: null if its code is one of `accepted`. */
function refusalOf(reply: string, accepted: readonly number[], subject: string): Fault | null {
  const parsed = parseSmtpReply(reply)
  if (parsed !== null && accepted.includes(parsed.code)) return null
  const kind = parsed === null ? 'protocol' : judgeSending(parsed)
  const meaning = kind === 'protocol' ? 'sent an unexpected SMTP reply' : `refused ${subject}`
  return smtpFault(kind, reply, `The server ${meaning}: ${reply}`)
}

/** Returns the fault of a message whose last byte was sent, and that was neither accepted nor refused. */
const undecided = (fault: Fault, message: Message): Fault => ({
  ...fault,
  kind: 'unavailable',
  detail: mayHaveBeenSent(fault.detail, message),
})

export const mayHaveBeenSent = (detail: string, { to }: Message): string =>
  `${detail} The message may have been sent. Look in the inbox of ${to} before you send another one.`

// The messages, composed by nodemailer (RFC 5322, MIME). The API writes alerts. Nothing is read from files or URLs.

type Message = NonNullable<ProbeRequest['message']>

/** Returns the Message-ID, in the domain of the sender (RFC 5322, section 3.6.4). */
export function messageId({ from, id = randomUUID().replaceAll('-', '') }: Message): string {
  return `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`
}

/** Composes the message. Lines end in CRLF, and every character is ASCII. */
export async function composeMessage(
  { from, to, alert }: Message,
  id: string,
  date: Date,
): Promise<string> {
  const composer = new MailComposer({
    // Given as objects, since text would be parsed as a list with names.
    from: { name: '', address: from },
    to: { name: '', address: to },
    messageId: id,
    date,
    subject: alert?.subject ?? TEST_MESSAGE.subject,
    // A lone CR would remain, and servers differ in whether it ends a line.
    text: alert?.text.replaceAll(/\r\n?/g, '\n') ?? TEST_MESSAGE.text,
    // Not base64, because nodemailer ends its lines like those of the text.
    encoding: 'quoted-printable',
    newline: 'win',
    // RFC 3834: keeps vacation programs and ticket systems from responding. Exchange reads the second one.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return (await composer.compile().build()).toString('latin1')
}

/**
 * Encodes a message for DATA: doubles leading dots, and ends it with a lone dot (RFC 5321, section 4.5.2), whose
 * line break the caller sends.
 */
export function toData(message: string): string {
  return `${message.replace(/^\./gm, '..').replace(/(?<!\r\n)$/, '\r\n')}.`
}
