import { describe, expect, it } from 'vitest'
import { IDENTITY, runVerified, SECURITIES, TOKEN } from './hostile/run-case.ts'
import { offers, reply, type SmtpAnswers, smtp } from './hostile/smtp.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const MESSAGE = base64(`user=${IDENTITY}\u0001auth=Bearer ${TOKEN}\u0001\u0001`)

const against = (changes: Partial<SmtpAnswers>, more = {}) =>
  runVerified({ protocol: 'smtp', security: 'tls', script: smtp(changes), ...more })

const challenged =
  (challenge: string, refusal = '535 5.7.3 Authentication unsuccessful') =>
  async (peer: Parameters<SmtpAnswers['AUTH']>[0]) => {
    peer.send(`334 ${challenge}\r\n`)
    await peer.line()
    peer.send(`${refusal}\r\n`)
  }

describe('the commands sent', () => {
  it('are EHLO, AUTH and QUIT, with the token once', async () => {
    const { server, report } = await against({})
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', `AUTH XOAUTH2 ${MESSAGE}`, 'QUIT'])
    expect(report.steps.at(-1)).toMatchObject({ name: 'mailbox', outcome: 'skipped' })
  })

  it('contain the token once, even after an error challenge, which is answered with an empty line', async () => {
    const { server } = await against({ AUTH: challenged(base64('{"status":"401"}')) })
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', `AUTH XOAUTH2 ${MESSAGE}`, ''])
  })

  it('include EHLO again after STARTTLS, and only its reply counts', async () => {
    let greeted = 0
    const { server, summary } = await runVerified({
      protocol: 'smtp',
      security: 'starttls',
      script: smtp({
        EHLO: (peer, line) =>
          greeted++ === 0
            ? offers('STARTTLS', 'AUTH PLAIN')(peer, line)
            : offers('AUTH XOAUTH2')(peer, line),
      }),
    })
    expect(summary).toBe('passed')
    expect(server.lines).toEqual([
      'EHLO [127.0.0.1]',
      'STARTTLS',
      'EHLO [127.0.0.1]',
      `AUTH XOAUTH2 ${MESSAGE}`,
      'QUIT',
    ])
  })

  it.each([
    ['no AUTH', offers('SIZE 1')],
    ['AUTH without XOAUTH2', offers('AUTH PLAIN LOGIN')],
    ['only HELO', reply('502 5.5.1 EHLO?')],
  ])('contain no login if the server offers %s', async (_name, EHLO) => {
    const { server, report } = await against({ EHLO })
    expect(report.outcome).toBe('failed')
    expect(report.mechanism).toBeNull()
    expect(server.lines.join()).not.toContain('AUTH')
  })
})

describe('a password account', () => {
  const credential = { type: 'password', password: 'correct horse battery' } as const

  it.each([
    ['AUTH LOGIN PLAIN XOAUTH2', 'PLAIN'],
    ['AUTH LOGIN', 'LOGIN'],
    ['AUTH=LOGIN', 'LOGIN'],
    ['AUTH\tLOGIN  PLAIN', 'PLAIN'],
  ])('with %j logs in by %s', async (extension, mechanism) => {
    const { summary, report } = await against({ EHLO: offers(extension) }, { credential })
    expect(summary).toBe('passed')
    expect(report.mechanism).toBe(mechanism)
  })

  it('does not send the password if the server rejects the user name', async () => {
    const { server, summary } = await against(
      { EHLO: offers('AUTH LOGIN'), AUTH: reply('535 5.7.8 no such user') },
      { credential },
    )
    expect(summary).toBe('failed authenticate rejected')
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', 'AUTH LOGIN'])
  })
})

describe('an answer to AUTH', () => {
  it.each([
    ['535 5.7.3 Authentication unsuccessful', 'failed', 'rejected', '5.7.3'],
    ['535 5.7.139 SmtpClientAuthentication is disabled', 'failed', 'rejected', '5.7.139'],
    ['534 5.7.9 mechanism too weak', 'failed', 'rejected', '5.7.9'],
    ['530 5.7.0 Authentication required', 'failed', 'rejected', '5.7.0'],
    ['538 5.7.11 Encryption required', 'failed', 'rejected', '5.7.11'],
    ['550 5.7.30 Basic authentication is not supported', 'failed', 'rejected', '5.7.30'],
    ['504 5.7.4 Unrecognized authentication type', 'failed', 'mechanism_missing', '5.7.4'],
    ['454 4.7.0 Temporary authentication failure', 'inconclusive', 'unavailable', '4.7.0'],
    ['432 4.3.2 Concurrent connections limit exceeded', 'inconclusive', 'throttled', '4.3.2'],
    ['421 4.4.2 Connection dropped', 'inconclusive', 'unavailable', '4.4.2'],
    ['421 4.7.0 Too many connections', 'inconclusive', 'throttled', '4.7.0'],
    ['250 2.0.0 fine', 'failed', 'protocol', '2.0.0'],
    ['HTTP/1.1 400 Bad Request', 'failed', 'protocol', null],
    ['535-5.7.3 no\r\n235 2.7.0 yes', 'failed', 'protocol', null],
    ['235-2.7.0 yes\r\n535 5.7.3 no', 'failed', 'protocol', null],
    ['235-2.7.0 yes\r\nand more', 'failed', 'protocol', null],
  ])('"%s" makes the probe %s: %s', async (words, outcome, kind, enhanced) => {
    const { summary, report } = await against({ AUTH: reply(words) })
    expect(summary).toBe(`${outcome} authenticate ${kind}`)
    expect(report.failure?.reply).toBe(words.replace('\r\n', ' '))
    expect(report.failure?.smtp_enhanced).toBe(enhanced)
  })

  it('may have several lines', async () => {
    const { report } = await against({
      AUTH: reply('535-5.7.139 Authentication unsuccessful,', '535 5.7.139 visit a page'),
    })
    expect(report.failure).toMatchObject({
      smtp_code: 535,
      smtp_enhanced: '5.7.139',
      reply: '535-5.7.139 Authentication unsuccessful, 535 5.7.139 visit a page',
    })
  })

  it.each([
    ['{"status":"401","schemes":"bearer"}', 'failed', 'rejected'],
    ['{"status":"internal_failure"}', 'inconclusive', 'unavailable'],
  ])('after the challenge %s makes it %s: %s', async (challenge, outcome, kind) => {
    const { summary, report } = await against({ AUTH: challenged(base64(challenge)) })
    expect(summary).toBe(`${outcome} authenticate ${kind}`)
    expect(report.failure?.challenge).toBe(challenge)
  })

  it.each([
    ['not base64', '%%%%', null],
    ['not JSON', base64('you shall not pass'), 'you shall not pass'],
    ['deeply nested', base64(`${'['.repeat(10_000)}${']'.repeat(10_000)}`), null],
  ])('after a challenge that is %s is still a refusal', async (_name, challenge, reported) => {
    const { summary, report } = await against({ AUTH: challenged(challenge) })
    expect(summary).toBe('failed authenticate rejected')
    expect(report.failure?.challenge).toBe(reported)
  })

  it('with a second challenge is cancelled', async () => {
    const { summary, server } = await against({
      async AUTH(peer) {
        for (const _ of [1, 2]) {
          peer.send(`334 ${base64('{"status":"400"}')}\r\n`)
          await peer.line()
        }
        peer.send('535 5.7.3 no\r\n')
      },
    })
    expect(summary).toBe('failed authenticate rejected')
    expect(server.lines.slice(2)).toEqual(['', '*'])
  })

  it('of 235 passes even if the server then closes the connection', async () => {
    const { summary } = await against({ AUTH: (peer) => peer.end('235 2.7.0 ok\r\n') })
    expect(summary).toBe('passed')
  })
})

describe.each(SECURITIES)('a misbehaving server over %s', (security) => {
  const misbehave = (changes: Partial<SmtpAnswers>, more = {}) =>
    runVerified({ protocol: 'smtp', security, script: smtp(changes), ...more })

  it('that answers AUTH without end exceeds the limit', async () => {
    const { summary } = await misbehave({
      AUTH: (peer) => peer.send('250-and another thing\r\n'.repeat(20_000)),
    })
    expect(summary).toBe('failed authenticate protocol')
  })

  it('that sends an endless line exceeds the limit', async () => {
    const { summary } = await misbehave({ AUTH: (peer) => peer.send('5'.repeat(300_000)) })
    expect(summary).toBe('failed authenticate protocol')
  })

  it('that closes the connection instead of answering is inconclusive', async () => {
    const { summary } = await misbehave({ AUTH: (peer) => peer.end() })
    expect(summary).toBe('inconclusive authenticate unavailable')
  })

  it('that never answers QUIT does not change the result', async () => {
    const { summary } = await misbehave({ QUIT: () => {} })
    expect(summary).toBe('passed')
  })

  it('that answers EHLO with 421 is inconclusive', async () => {
    const { report } = await misbehave({ EHLO: (peer) => peer.end('421 4.3.2 shutting down\r\n') })
    expect(report.outcome).toBe('inconclusive')
    expect(report.failure).toMatchObject({ kind: 'unavailable', smtp_code: 421 })
  })

  it.each([
    ['421 4.3.2 shutting down', 'inconclusive', 'unavailable'],
    ['451 4.3.0 try again later', 'inconclusive', 'unavailable'],
    ['450 4.7.0 Too many connections', 'inconclusive', 'throttled'],
  ])('that refuses EHLO for now ("%s") is %s: %s', async (words, outcome, kind) => {
    const { report, server } = await misbehave({ EHLO: reply(words) })
    expect(report.outcome).toBe(outcome)
    expect(report.failure?.kind).toBe(kind)
    expect(server.lines.join()).not.toContain('HELO')
  })

  it('that mixes reply codes in its answer to EHLO breaks the protocol', async () => {
    const { report, server } = await misbehave({
      EHLO: reply('250-mail.test', '250-STARTTLS', '550 AUTH XOAUTH2'),
    })
    expect(report.failure?.kind).toBe('protocol')
    expect(server.lines).toEqual(['EHLO [127.0.0.1]'])
  })

  it('that sends terminal codes yields a clean report', async () => {
    const { report } = await misbehave({
      AUTH: reply('535 5.7.3 \u001b]0;title\u0007\u001b[31mno\u001b[0m \u202egnp.exe\u0000'),
    })
    expect(report.failure?.reply).toBe('535 5.7.3 no gnp.exe')
  })

  it('that echoes the token yields a report without it', async () => {
    const { report } = await misbehave({
      AUTH: (peer, line) => peer.send(`535 5.7.3 bad ${TOKEN} in <${line.slice(13)}>\r\n`),
    })
    expect(report.failure?.reply).toBe('535 5.7.3 bad [removed] in <[removed]>')
  })
})
