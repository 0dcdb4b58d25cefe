/**
 * The messages (RFC 5322). The text of a test message is fixed: of a caller's words it holds only the two
 * addresses, which the request schema limits to characters that cannot end a header line. The API composes
 * alerts; what they say is encoded, so that no line of it is a header or a command.
 */
import { Buffer } from 'node:buffer'
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

const ASCII = { charset: 'us-ascii', encoding: '7bit' }
const ENCODED = { charset: 'utf-8', encoding: 'base64' }

/** Wraps base64 into lines (RFC 2045, section 6.8: 76 characters at most). */
const inLines = (base64: string) => base64.match(/.{1,76}/g) ?? []

/** Builds the message. Lines end in CRLF, and every character is ASCII. */
export function buildMessage({ from, to, alert }: TestMessage, id: string, date: Date): string {
  const { charset, encoding } = alert ? ENCODED : ASCII
  const lines = alert ? inLines(Buffer.from(toCrlf(alert.text)).toString('base64')) : TEXT
  const headers = [
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `From: ${from}`,
    `To: ${to}`,
    `Message-ID: ${id}`,
    `Subject: ${alert?.subject ?? 'Test message from Mailgrant'}`,
    // RFC 3834: keeps vacation programs and ticket systems from answering. Exchange reads the second one.
    'Auto-Submitted: auto-generated',
    'X-Auto-Response-Suppress: All',
    'MIME-Version: 1.0',
    `Content-Type: text/plain; charset=${charset}`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]
  return [...headers, '', ...lines, ''].join('\r\n')
}

const toCrlf = (text: string) => text.replaceAll(/\r\n|\r|\n/g, '\r\n')

/** Encodes a message for DATA: doubles leading dots, and ends it with a lone dot (RFC 5321, section 4.5.2). */
export function toData(message: string): string {
  return `${message.replace(/^\./gm, '..')}.`
}
