/**
 * The messages, composed by nodemailer (RFC 5322, MIME). The text of a test message is fixed, and the API writes
 * alerts. Nothing is read from files or URLs.
 */
import { randomUUID } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { ProbeRequest } from '../schema/probe.ts'

export type Message = NonNullable<ProbeRequest['message']>

/** Returns the Message-ID, in the domain of the sender (RFC 5322, section 3.6.4). */
export function messageId({ from, id = randomUUID().replaceAll('-', '') }: Message): string {
  return `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`
}

const SUBJECT = 'Test message from Mailgrant'
const TEXT = `This is a test message. It was sent from Mailgrant to check that email can
be sent from the address above. It has arrived, so sending works.

You do not have to do anything, and you can delete this message.
`

/** Composes the message. Lines end in CRLF, and every character is ASCII. */
export async function composeMessage(
  { from, to, alert }: Message,
  id: string,
  date: Date,
): Promise<string> {
  const composer = new MailComposer({
    // As objects: text would be parsed as a list with names.
    from: { name: '', address: from },
    to: { name: '', address: to },
    messageId: id,
    date,
    subject: alert?.subject ?? SUBJECT,
    // A lone CR would stay one, and servers differ in what they take for the end of a line.
    text: alert?.text.replaceAll(/\r\n?/g, '\n') ?? TEXT,
    // Not base64, whose lines nodemailer ends as the text does.
    encoding: 'quoted-printable',
    newline: 'win',
    // RFC 3834: keeps vacation programs and ticket systems from answering. Exchange reads the second one.
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
