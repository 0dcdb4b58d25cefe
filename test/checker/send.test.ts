import { describe, expect, it } from 'vitest'
import { ProbeRequest } from '../../schema/probe.ts'
import { requestFor, runVerified, TOKEN } from './hostile/run-case.ts'
import { readMessage, reply, type SmtpReplies, smtp, takes } from './hostile/smtp.ts'

const message = { from: 'support@contoso.com', to: 'bob@fabrikam.com', id: 'a1'.repeat(16) }
const OPEN =
  'The message may have been sent. Look in the inbox of bob@fabrikam.com before you send another one.'

const against = (changes: Partial<SmtpReplies>, more = {}) =>
  runVerified({ protocol: 'smtp', security: 'tls', script: smtp(changes), message, ...more })

const lastStep = ({ report }: Awaited<ReturnType<typeof against>>) => report.steps.at(-1)

describe('sending a test message', () => {
  it('follows the login with one command at a time, and identifies the message', async () => {
    const result = await against({})
    expect(result.summary).toBe('passed')
    expect(result.report.sent).toBe(true)
    const { lines } = result.server
    expect(lines.slice(2, 5)).toEqual([
      'MAIL FROM:<support@contoso.com>',
      'RCPT TO:<bob@fabrikam.com>',
      'DATA',
    ])
    expect(lines).toContain(`Message-ID: <${message.id}@contoso.com>`)
    expect(lines.slice(-2)).toEqual(['.', 'QUIT'])
    expect(result.report.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'dns passed',
      'connect passed',
      'tls passed',
      'greeting passed',
      'authenticate passed',
      'mailbox skipped',
      'send passed',
    ])
    expect(lastStep(result)?.detail).toBe(
      `The server accepted the message <${message.id}@contoso.com> for bob@fabrikam.com: 250 2.0.0 OK <1@mail.test>`,
    )
  })

  it('is reported only if it was asked for: an older API does not know the step', async () => {
    const { report } = await against({}, { message: undefined })
    expect(report.steps.map(({ name }) => name)).not.toContain('send')
    expect(report).not.toHaveProperty('sent')
  })

  it('is not tried after a refused login', async () => {
    const { server, report } = await against({ AUTH: reply('535 5.7.3 no') })
    expect(server.lines.join('\n')).not.toMatch(/MAIL|DATA/)
    expect(report).toMatchObject({ outcome: 'failed', sent: false })
    expect(report.steps.at(-1)).toMatchObject({ name: 'send', outcome: 'skipped' })
  })

  it('counts as done after the 250, even if the server ends the connection at QUIT', async () => {
    const { summary, report } = await against({ QUIT: (peer) => peer.reset() })
    expect([summary, report.sent]).toEqual(['passed', true])
  })

  it.each([
    ['MAIL', '550 5.7.60 no', 'failed send rejected', 'The server refused the sender support@'],
    ['MAIL', '451 4.7.0 later', 'inconclusive send unavailable', 'the sender'],
    ['MAIL', '421 4.3.2 closing', 'inconclusive send unavailable', 'the sender'],
    ['MAIL', '999 what', 'failed send protocol', 'an unexpected SMTP reply'],
    ['MAIL', 'hello', 'failed send protocol', 'an unexpected SMTP reply'],
    ['RCPT', '550 5.1.10 no', 'failed send rejected', 'the recipient bob@fabrikam.com: 550 5.1.10'],
    ['RCPT', '452 4.5.3 too many', 'inconclusive send throttled', 'the recipient'],
    ['RCPT', '354 go', 'failed send protocol', 'an unexpected SMTP reply'],
    ['DATA', '554 5.5.1 no', 'failed send rejected', 'The server refused to take a message: 554'],
    ['DATA', '432 4.3.2 concurrent', 'inconclusive send throttled', 'to take a message'],
    ['DATA', '250 2.0.0 OK', 'failed send protocol', 'an unexpected SMTP reply'],
  ] as const)(
    'ends with "%s %s", before the message is sent',
    async (command, line, expected, detail) => {
      const result = await against({ [command]: reply(line) })
      expect(result.summary).toBe(expected)
      expect(result.report.sent).toBe(false)
      expect(lastStep(result)?.detail).toContain(detail)
      expect(result.server.lines).not.toContain('.')
    },
  )

  it('accepts a recipient whose mail is forwarded (251)', async () => {
    const { summary } = await against({ RCPT: reply('251 2.1.5 will forward') })
    expect(summary).toBe('passed')
  })

  it.each([
    [
      '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
      'failed send rejected',
    ],
    ['554 5.2.252 SendAsDenied', 'failed send rejected'],
    ['451 4.7.500 Server busy', 'inconclusive send unavailable'],
    ['432 4.3.2 Concurrent connections limit exceeded', 'inconclusive send throttled'],
  ])('reports "%s" after the message as not sent', async (line, expected) => {
    const result = await against({ DATA: takes(line) })
    expect(result.summary).toBe(expected)
    expect(result.report).toMatchObject({ sent: false, failure: { reply: line } })
    expect(lastStep(result)?.detail).toBe(`The server refused the message: ${line}`)
  })

  it.each(['MAIL', 'RCPT', 'DATA'] as const)(
    'is inconclusive if the connection ends instead of a reply to %s, and nothing was sent',
    async (command) => {
      const result = await against({ [command]: (peer: { end: () => void }) => peer.end() })
      expect(result.summary).toBe('inconclusive send unavailable')
      expect(result.report.sent).toBe(false)
      expect(lastStep(result)?.detail).toBe(
        'The server closed the connection. No message was sent.',
      )
    },
  )
})

/** Takes the message, and then does this instead of replying. */
const insteadOfReply =
  (act: SmtpReplies['DATA']): SmtpReplies['DATA'] =>
  async (peer, line) => {
    peer.send('354 go ahead\r\n')
    await readMessage(peer)
    await act(peer, line)
  }

describe('a message without a clear reply', () => {
  it.each<[string, SmtpReplies['DATA'], string]>([
    ['ends the connection', (peer) => peer.end(), 'The server closed the connection.'],
    ['resets the connection', (peer) => peer.reset(), 'The server closed the connection.'],
    [
      'sends half an answer',
      (peer) => peer.end('250 2.0.0 O'),
      'The server closed the connection.',
    ],
    ['sends another code', reply('220 2.0.0 OK'), 'The server sent an unexpected SMTP reply'],
    ['sends no code', reply('OK'), 'The server sent an unexpected SMTP reply'],
    ['mixes codes', reply('250-2.0.0 OK', '550 no'), 'The server sent several reply codes'],
    ['never stops', reply(...Array(200).fill('250-2.0.0 OK')), 'The server sent too much data'],
    ['sends one endless line', (peer) => peer.send('2'.repeat(200_000)), 'too much data'],
  ])('may have been sent if the server %s', async (_what, act, detail) => {
    const result = await against({ DATA: insteadOfReply(act) })
    expect(result.summary).toBe('inconclusive send unavailable')
    expect(result.report.sent).toBeNull()
    expect(lastStep(result)?.detail).toContain(detail)
    expect(lastStep(result)?.detail).toContain(OPEN)
  })

  it('may have been sent if time runs out, and the sentence says so', async () => {
    const result = await against({ DATA: insteadOfReply(() => {}) }, { deadline: 600 })
    expect(result.summary).toBe('inconclusive send timeout')
    expect(result.report.sent).toBeNull()
    expect(lastStep(result)?.detail).toBe(
      `Timed out after 0.6 s, while sending the message. ${OPEN}`,
    )
  })

  it('was not sent if time runs out before its last byte', async () => {
    const result = await against({ RCPT: () => {} }, { deadline: 600 })
    expect(result.summary).toBe('inconclusive send timeout')
    expect(result.report.sent).toBe(false)
    expect(lastStep(result)?.detail).not.toContain('may have been sent')
  })
})

describe('a server that quotes the token', () => {
  it.each(['MAIL', 'RCPT', 'DATA'] as const)(
    'in its refusal of %s does not get it into the report',
    async (command) => {
      const words = `550 5.7.1 ${TOKEN} ${Buffer.from(TOKEN).toString('base64')}`
      // runVerified fails if the report contains the credential.
      const { report } = await against({ [command]: reply(words) })
      expect(report.failure?.reply).toContain('[removed]')
    },
  )

  it('with the message does not either', async () => {
    const { report } = await against({ DATA: takes(`250 2.0.0 OK ${TOKEN}`) })
    expect(report.steps.at(-1)?.detail).toContain('[removed]')
  })
})

describe('a request with a message', () => {
  const request = requestFor(587, { protocol: 'smtp', security: 'starttls', message })
  it.each([
    ['an IMAP login', { protocol: 'imap' }],
    [
      'a command in the sender',
      { message: { ...message, from: 'a@b.example>\r\nRCPT TO:<c@d.example' } },
    ],
    [
      'a header in the recipient',
      { message: { ...message, to: 'a@b.example\r\nBcc: c@d.example' } },
    ],
    ['a header in the id', { message: { ...message, id: `${message.id}>\r\nBcc: c@d.example` } }],
    ['a text of its own', { message: { ...message, text: 'Buy!' } }],
  ])('is refused with %s', (_what, change) => {
    expect(ProbeRequest.safeParse(request).success).toBe(true)
    expect(ProbeRequest.safeParse({ ...request, ...change }).success).toBe(false)
  })
})
