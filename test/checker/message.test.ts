import { beforeAll, describe, expect, it } from 'vitest'
import { createProbe } from '../../checker/probe.ts'
import { createTlsContext } from '../../checker/secure.ts'
import { composeMessage, messageId, toData } from '../../checker/send.ts'
import { ProbeRequest } from '../../schema/probe.ts'
import { obtainTokens } from '../sandbox/entra/test-client.ts'
import { startWorld, type World } from '../sandbox/world.ts'

const FROM = 'alice@contoso.test'
const ID = 'a1'.repeat(16)
const message = { from: FROM, to: 'bob@contoso.test', id: ID }

let world: World
let token: string
beforeAll(async () => {
  world = await startWorld()
  token = (await obtainTokens(world.entra, FROM)).access_token
  return world.stop
})

/** Sends a message through the sandbox. Returns the lines of DATA as the socket had them, separated by CRLF. */
async function send(alert?: { subject: string; text: string }): Promise<string[]> {
  const server = { protocol: 'smtp', host: 'localhost', port: world.ports.smtpTls, security: 'tls' }
  const request = ProbeRequest.parse({
    ...server,
    identity: FROM,
    credential: { type: 'oauth', access_token: token, cloud: 'global' },
    message: { ...message, ...(alert && { alert }) },
  })
  const probe = createProbe({
    rules: {
      extraServers: [request],
      allowPrivateHosts: true,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    },
    tlsContext: createTlsContext([world.authority.ca]),
    now: () => new Date('2026-11-24T09:05:07.800Z'),
  })
  const before = world.smtp.tls.received.length
  const report = await probe(request, new AbortController().signal)
  expect(report).toMatchObject({ outcome: 'passed', sent: true })
  const lines = world.smtp.tls.received.slice(before)
  return lines.slice(lines.indexOf('DATA') + 1, lines.indexOf('.'))
}

const headOf = (lines: string[]) => lines.slice(0, lines.indexOf(''))
const bodyOf = (lines: string[]) => lines.slice(lines.indexOf('') + 1)

/** Returns the unfolded value of a header field. */
const field = (lines: string[], name: string) =>
  headOf(lines)
    .join('\r\n')
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2)

const unhex = (text: string) =>
  Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString()

/** Decodes the encoded words of a field (RFC 2047). */
const decodeWords = (value = '') =>
  value
    .replaceAll(/\?= +=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([QB])\?(.*?)\?=/g, (_, kind, text) =>
      kind === 'B' ? Buffer.from(text, 'base64').toString() : unhex(text.replaceAll('_', ' ')),
    )

/** Decodes the body as a receiver does: undoes the dots of DATA, then quoted-printable. */
const decodeBody = (lines: string[]) =>
  unhex(
    bodyOf(lines)
      .map((line) => line.replace(/^\./, ''))
      .join('\n')
      .replaceAll('=\n', ''),
  )

const isShortAscii = (lines: string[]) =>
  lines.every((line) => /^[\x20-\x7e]*$/.test(line) && line.length <= 78)

describe('the test message', () => {
  it('has every header that RFC 5322 and MIME require, once', async () => {
    const head = headOf(await send())
    expect(head.toSorted()).toEqual([
      'Auto-Submitted: auto-generated',
      'Content-Transfer-Encoding: quoted-printable',
      'Content-Type: text/plain; charset=utf-8',
      'Date: Tue, 24 Nov 2026 09:05:07 +0000',
      'From: alice@contoso.test',
      'MIME-Version: 1.0',
      `Message-ID: <${ID}@contoso.test>`,
      'Subject: Test message from Mailgrant',
      'To: bob@contoso.test',
      'X-Auto-Response-Suppress: All',
    ])
  })

  it('is printable ASCII in short lines, readable without decoding', async () => {
    const lines = await send()
    expect(isShortAscii(lines)).toBe(true)
    expect(bodyOf(lines).join('\n')).toBe(decodeBody(lines))
    expect(decodeBody(lines)).toMatch(/^This is a test message\..*\n.*\n\nYou do not/)
  })

  it('has a Message-ID of its own unless it is given one', () => {
    const { id, ...others } = message
    const [first, second] = [messageId(others), messageId(others)]
    expect(first).toMatch(/^<[0-9a-f]{32}@contoso\.test>$/)
    expect(second).not.toBe(first)
  })
})

describe('an alert', () => {
  const alert = { subject: 'Mailgrant: 1 problem needs attention', text: 'It fails.\n' }

  it('has its own subject and text, and the headers of the test message otherwise', async () => {
    const [test, sent] = [headOf(await send()), await send(alert)]
    expect(headOf(sent).filter((line) => !test.includes(line))).toEqual([
      `Subject: ${alert.subject}`,
    ])
    expect(bodyOf(sent)).toEqual(['It fails.'])
  })

  it.each([
    'Mailgrant: „Größe & Süd“ <größe@contoso.test>, "Bob" needs attention',
    'メールの認証に失敗しました。日本語の件名も長くなることがあります。もう一度接続してください。',
    `Größe ${'😀'.repeat(60)}`,
  ])('carries names in any script in the subject and the text: %s', async (name) => {
    const lines = await send({ subject: name, text: `${name}\n${name}` })
    expect(isShortAscii(lines)).toBe(true)
    expect(decodeWords(field(lines, 'Subject'))).toBe(name)
    expect(decodeBody(lines)).toBe(`${name}\n${name}`)
  })

  it('is no way to another header, recipient or message', async () => {
    const text = 'Bcc: x@evil.test\n\n.\n..\n.RCPT TO:<x@evil.test>\r\n.\r\nQUIT\r.\n'
    const count = world.smtp.tls.messages.length
    const lines = await send({ subject: 'Subject: x; Bcc: x@evil.test', text })
    expect(field(lines, 'Subject')).toBe('Subject: x; Bcc: x@evil.test')
    expect(field(lines, 'Bcc')).toBeUndefined()
    expect(lines.join('')).not.toMatch(/[\r\n]/)
    expect(decodeBody(lines)).toBe(text.replaceAll(/\r\n?/g, '\n').trimEnd())
    expect(world.smtp.tls.messages.slice(count)).toMatchObject([{ to: ['bob@contoso.test'] }])
  })

  it.each(['x\r\nBcc: x@evil.test', 'x\n\nbody', 'x\0', 'x\rBcc: x@evil.test'])(
    'never has a line break in its subject, which the request cannot contain: %j',
    async (subject) => {
      await expect(send({ subject, text: 'x' })).rejects.toThrow('control characters')
      const composed = await composeMessage(
        { ...message, alert: { subject, text: 'x' } },
        messageId(message),
        new Date(0),
      )
      expect(composed).not.toMatch(/^Bcc|\0|\r(?!\n)|(?<!\r)\n/m)
      expect(composed.split('\r\n\r\n')).toHaveLength(2)
    },
  )

  it.each(["o'brien+x=y@contoso.test", '!#$%&*/?^_`{|}~-@contoso.test'])(
    'contains the addresses as the commands do: %s',
    async (from) => {
      const composed = await composeMessage({ ...message, from }, messageId(message), new Date(0))
      expect(composed).toContain(`\r\nFrom: ${from}\r\n`)
    },
  )
})

describe('the encoding for DATA', () => {
  it('doubles each dot at the start of a line, and ends with a lone dot', () => {
    expect(toData('.\r\n..a\r\nb.c\r\n')).toBe('..\r\n...a\r\nb.c\r\n.')
    expect(toData('a')).toBe('a\r\n.')
  })
})
