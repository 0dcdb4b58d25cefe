import { describe, expect, it } from 'vitest'
import { IDENTITY, LONG_TOKEN, runVerified, SECURITIES, TOKEN } from './hostile/run-case.ts'
import { offers, readResponse, reply, type SmtpReplies, smtp } from './hostile/smtp.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const messageOf = (token: string) =>
  base64(`user=${IDENTITY}\u0001auth=Bearer ${token}\u0001\u0001`)
const MESSAGE = messageOf(TOKEN)
const LONG_MESSAGE = messageOf(LONG_TOKEN)

const against = (changes: Partial<SmtpReplies>, more = {}) =>
  runVerified({ protocol: 'smtp', security: 'tls', script: smtp(changes), ...more })

const challenged =
  (challenge: string, refusal = '535 5.7.3 Authentication unsuccessful') =>
  async (peer: Parameters<SmtpReplies['AUTH']>[0]) => {
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

const oauth = (access_token: string) => ({
  credential: { type: 'oauth' as const, access_token, cloud: 'global' as const },
})
const withLongToken = (changes: Partial<SmtpReplies>, more = {}) =>
  against(changes, { ...oauth(LONG_TOKEN), ...more })

/** Replies to the command that announces a token, and then to the token. */
const inTurn =
  (toCommand: string, toToken: string): SmtpReplies['AUTH'] =>
  async (peer) => {
    peer.send(`${toCommand}\r\n`)
    await peer.line()
    peer.send(`${toToken}\r\n`)
  }

const closesAfterToken: SmtpReplies['AUTH'] = async (peer, line) => {
  await readResponse(peer, line)
  peer.end()
}

describe('a token that is too long for the command', () => {
  it('is sent on a line of its own, once the server has asked for it', async () => {
    const { server, summary } = await withLongToken({})
    expect(summary).toBe('passed')
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', 'AUTH XOAUTH2', LONG_MESSAGE, 'QUIT'])
  })

  it('begins where a command of 512 octets ends', async () => {
    const overhead = `AUTH XOAUTH2 \r\n`.length
    const tokenOf = (characters: number) => {
      const octets = Math.floor((characters / 4) * 3)
      return 'x'.repeat(octets - Buffer.from(messageOf(''), 'base64').length)
    }
    const longest = tokenOf(512 - overhead)
    const { server } = await against({}, oauth(longest))
    expect(server.lines[1]).toBe(`AUTH XOAUTH2 ${messageOf(longest)}`)
    const next = await against({}, oauth(`${longest}x`))
    expect(next.server.lines.slice(1, 3)).toEqual(['AUTH XOAUTH2', messageOf(`${longest}x`)])
  })

  it.each(['334 ', '334', '334 Go ahead', `334 ${base64('{"status":"400"}')}`])(
    'is sent after %j, whatever the server adds',
    async (words) => {
      const { server, summary } = await withLongToken({ AUTH: inTurn(words, '235 2.7.0 ok') })
      expect(summary).toBe('passed')
      expect(server.lines[2]).toBe(LONG_MESSAGE)
    },
  )

  it.each([
    ['501 5.5.4 Initial response required'],
    ['504 5.7.4 Unrecognized authentication type'],
  ])(
    'is sent with the command to a server that replies "%s" to the command alone',
    async (words) => {
      const { server, summary } = await runVerified({
        protocol: 'smtp',
        security: 'tls',
        ...oauth(LONG_TOKEN),
        async script(peer) {
          peer.send('220 mail.test\r\n')
          await peer.line()
          peer.send('250 AUTH XOAUTH2\r\n')
          await peer.line()
          peer.send(`${words}\r\n`)
          await peer.line()
          peer.send('235 2.7.0 ok\r\n')
          await peer.line()
        },
      })
      expect(summary).toBe('passed')
      expect(server.lines.slice(1, 3)).toEqual(['AUTH XOAUTH2', `AUTH XOAUTH2 ${LONG_MESSAGE}`])
    },
  )

  it.each([
    ['535 5.7.139 SmtpClientAuthentication is disabled', 'failed authenticate rejected'],
    ['454 4.7.0 Temporary authentication failure', 'inconclusive authenticate unavailable'],
    ['235 2.7.0 Welcome', 'failed authenticate protocol'],
  ])('is not sent if the server replies "%s" to the command: %s', async (words, verdict) => {
    const { server, summary } = await withLongToken({ AUTH: reply(words) })
    expect(summary).toBe(verdict)
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', 'AUTH XOAUTH2'])
  })

  it('is not sent if the server never asks for it', async () => {
    const { server, summary } = await withLongToken({ AUTH: () => {} }, { deadline: 300 })
    expect(summary).toBe('inconclusive authenticate timeout')
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', 'AUTH XOAUTH2'])
  })

  it('is sent once, even if the server asks for it again', async () => {
    const { server, summary } = await withLongToken({
      async AUTH(peer) {
        for (const _ of [1, 2, 3]) {
          peer.send('334 \r\n')
          await peer.line()
        }
        peer.send('535 5.7.3 no\r\n')
      },
    })
    expect(summary).toBe('failed authenticate rejected')
    expect(server.lines.slice(1)).toEqual(['AUTH XOAUTH2', LONG_MESSAGE, '', '*'])
  })

  it('is refused with a challenge or without', async () => {
    const plainly = await withLongToken({ AUTH: inTurn('334 ', '535 5.7.3 no') })
    expect(plainly.summary).toBe('failed authenticate rejected')
    const challenge = '{"status":"401","schemes":"bearer"}'
    const { report, summary } = await withLongToken({
      async AUTH(peer, line) {
        await readResponse(peer, line)
        await challenged(base64(challenge))(peer)
      },
    })
    expect(summary).toBe('failed authenticate rejected')
    expect(report.failure?.challenge).toBe(challenge)
  })

  it('says nothing about the login if the server closes the connection', async () => {
    const before = await withLongToken({ AUTH: (peer) => peer.end('334 \r\n') })
    expect(before.summary).toBe('inconclusive authenticate unavailable')
    const after = await withLongToken({ AUTH: closesAfterToken })
    expect(after.summary).toBe('inconclusive authenticate unavailable')
  })
})

describe('a server that does not read the whole line', () => {
  it.each([
    ['500 5.5.6 SASL response limit exceeded'],
    ['500 5.5.2 Line too long'],
    ['500 Syntax error'],
    ['555-5.5.2 Syntax error, command line too long\r\n555 5.5.2 goodbye'],
    ['535 5.7.8 Error: authentication failed: Invalid base64 data'],
    ['501 5.5.2 Cannot decode base64 response'],
  ])('and says "%s" has not judged the token', async (words) => {
    const { summary, report } = await withLongToken({ AUTH: inTurn('334 ', words) })
    expect(summary).toBe('failed authenticate line_too_long')
    expect(report.steps.find(({ name }) => name === 'authenticate')?.detail).toMatch(
      /^The server does not read lines as long as the login message: 5/,
    )
  })

  it.each([
    ['535 5.7.8 Error: authentication failed: Invalid base64 data', 'rejected'],
    ['500 5.5.1 Command unrecognized', 'rejected'],
  ])('is not suspected if a short line was refused with "%s"', async (words, kind) => {
    const { summary } = await against({ AUTH: reply(words) })
    expect(summary).toBe(`failed authenticate ${kind}`)
  })

  it('is suspected if it refuses or drops more than any server must read', async () => {
    const huge = oauth('x'.repeat(9_300))
    const refused = await against({ AUTH: inTurn('334 ', '535 5.7.3 no') }, huge)
    expect(refused.summary).toBe('failed authenticate line_too_long')
    const dropped = await against({ AUTH: closesAfterToken }, huge)
    expect(dropped.summary).toBe('failed authenticate line_too_long')
    const busy = await against({ AUTH: inTurn('334 ', '454 4.7.0 later') }, huge)
    expect(busy.summary).toBe('inconclusive authenticate unavailable')
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

  it('sends a long password on a line of its own', async () => {
    const password = 'p'.repeat(400)
    const long = { type: 'password', password } as const
    const { server, summary } = await against({ EHLO: offers('AUTH PLAIN') }, { credential: long })
    expect(summary).toBe('passed')
    expect(server.lines.slice(1, 3)).toEqual([
      'AUTH PLAIN',
      base64(`\u0000${IDENTITY}\u0000${password}`),
    ])
  })

  it('is not accepted before its password was sent', async () => {
    const { summary } = await against(
      { EHLO: offers('AUTH LOGIN'), AUTH: reply('235 2.7.0 welcome') },
      { credential },
    )
    expect(summary).toBe('failed authenticate protocol')
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

describe('a reply to AUTH', () => {
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
  const misbehave = (changes: Partial<SmtpReplies>) =>
    runVerified({ protocol: 'smtp', security, script: smtp(changes) })

  it('whose reply to AUTH never ends exceeds the limit', async () => {
    const { summary } = await misbehave({
      AUTH: (peer) => peer.send('250-and another thing\r\n'.repeat(20_000)),
    })
    expect(summary).toBe('failed authenticate protocol')
  })

  it('that sends an endless line exceeds the limit', async () => {
    const { summary } = await misbehave({ AUTH: (peer) => peer.send('5'.repeat(300_000)) })
    expect(summary).toBe('failed authenticate protocol')
  })

  it('that never responds to QUIT does not change the result', async () => {
    const { summary } = await misbehave({ QUIT: () => {} })
    expect(summary).toBe('passed')
  })

  it.each([
    ['421 4.3.2 shutting down', 'inconclusive', 'unavailable'],
    ['451 4.3.0 try again later', 'inconclusive', 'unavailable'],
    ['450 4.7.0 Too many connections', 'inconclusive', 'throttled'],
  ])('that refuses EHLO for now ("%s") is %s: %s', async (words, outcome, kind) => {
    const { report, server } = await misbehave({ EHLO: reply(words) })
    expect(report.outcome).toBe(outcome)
    expect(report.failure).toMatchObject({ kind, smtp_code: Number(words.slice(0, 3)) })
    expect(server.lines.join()).not.toContain('HELO')
  })

  it('that mixes reply codes in its reply to EHLO breaks the protocol', async () => {
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
})
