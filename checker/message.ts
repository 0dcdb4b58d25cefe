/**
 * The test message (RFC 5322). Its text is fixed: of a caller's words it holds only the two addresses, which
 * the request schema limits to characters that cannot end a header line.
 */
import { randomUUID } from 'node:crypto'
import type { ProbeRequest } from '../schema/probe.ts'

export type TestMessage = NonNullable<ProbeRequest['message']>

/** Returns the Message-ID, in the domain of the sender (RFC 5322, section 3.6.4). */
export function messageId({ from, id = randomUUID().replaceAll('-', '') }: TestMessage): string {
  return `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`
}

const TEXT = [
  'This is a test message. It was sent from Mailgrant to check that email can be',
  'sent from the address above. It has arrived, so sending works.',
  '',
  'You do not have to do anything, and you can delete this message.',
]

/** Builds the message. Lines end in CRLF, and every character is ASCII. */
export function buildMessage({ from, to }: TestMessage, id: string, date: Date): string {
  const headers = [
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `From: ${from}`,
    `To: ${to}`,
    `Message-ID: ${id}`,
    'Subject: Test message from Mailgrant',
    // RFC 3834: keeps vacation programs and ticket systems from answering. Exchange reads the second one.
    'Auto-Submitted: auto-generated',
    'X-Auto-Response-Suppress: All',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Transfer-Encoding: 7bit',
  ]
  return [...headers, '', ...TEXT, ''].join('\r\n')
}

/** Encodes a message for DATA: doubles leading dots, and ends it with a lone dot (RFC 5321, section 4.5.2). */
export function toData(message: string): string {
  return `${message.replace(/^\./gm, '..')}.`
}
