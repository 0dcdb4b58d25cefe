import { describe, expect, it } from 'vitest'
import { buildMessage, messageId, toData } from '../../checker/message.ts'

const message = { from: 'support@contoso.com', to: 'bob@fabrikam.com', id: 'a1'.repeat(16) }
const built = buildMessage(message, messageId(message), new Date('2026-11-24T09:05:07.800Z'))
const [head = '', body = ''] = built.split('\r\n\r\n', 2)

describe('the test message', () => {
  it('has every header that RFC 5322 and MIME require, once', () => {
    expect(head.split('\r\n')).toEqual([
      'Date: Tue, 24 Nov 2026 09:05:07 +0000',
      'From: support@contoso.com',
      'To: bob@fabrikam.com',
      `Message-ID: <${'a1'.repeat(16)}@contoso.com>`,
      'Subject: Test message from Mailgrant',
      'Auto-Submitted: auto-generated',
      'X-Auto-Response-Suppress: All',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      'Content-Transfer-Encoding: 7bit',
    ])
  })

  it('is printable ASCII in short lines that end in CRLF', () => {
    expect(built.replaceAll('\r\n', '')).toMatch(/^[\x20-\x7e]+$/)
    expect(Math.max(...built.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78)
    expect(built.endsWith('\r\n')).toBe(true)
  })

  it('has the same text for every sender', () => {
    const other = buildMessage({ from: 'a@b.example', to: 'c@d.example' }, '<1@b>', new Date(0))
    expect(other.slice(other.indexOf('\r\n\r\n'))).toBe(built.slice(built.indexOf('\r\n\r\n')))
    expect(body).toContain('This is a test message.')
  })

  it('has a Message-ID of its own unless it is given one', () => {
    const { from, to } = message
    const [first, second] = [messageId({ from, to }), messageId({ from, to })]
    expect(first).toMatch(/^<[0-9a-f]{32}@contoso\.com>$/)
    expect(second).not.toBe(first)
  })
})

describe('an alert', () => {
  const alert = {
    subject: 'Mailgrant: 1 problem needs attention',
    text: 'größe@contoso.com: It fails.\n.\nBcc: x@evil.example\n',
  }
  const sent = buildMessage({ ...message, alert }, messageId(message), new Date(0))
  const [alertHead = '', alertBody = ''] = sent.split('\r\n\r\n', 2)

  it('has its own subject, and the headers of the test message otherwise', () => {
    expect(alertHead.split('\r\n')).toEqual([
      'Date: Thu, 01 Jan 1970 00:00:00 +0000',
      'From: support@contoso.com',
      'To: bob@fabrikam.com',
      `Message-ID: <${'a1'.repeat(16)}@contoso.com>`,
      'Subject: Mailgrant: 1 problem needs attention',
      'Auto-Submitted: auto-generated',
      'X-Auto-Response-Suppress: All',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
    ])
  })

  it('is encoded, so that no line of it is a header or the end of the message', () => {
    expect(alertBody).toMatch(/^(?:[A-Za-z0-9+/=]{1,76}\r\n)+$/)
    expect(Buffer.from(alertBody, 'base64').toString()).toBe(alert.text.replaceAll('\n', '\r\n'))
  })
})

describe('the encoding for DATA', () => {
  it('doubles each dot at the start of a line, and ends with a lone dot', () => {
    expect(toData('.\r\n..a\r\nb.c\r\n')).toBe('..\r\n...a\r\nb.c\r\n.')
    expect(toData(built)).toBe(`${built}.`)
  })
})
