import { describe, expect, it } from 'vitest'
import { type ImapResponses, imap, offers as imapOffers, response } from './hostile/imap.ts'
import { runVerified } from './hostile/run-case.ts'
import { offers, reply, type SmtpReplies, smtp } from './hostile/smtp.ts'

const overImap = (changes: Partial<ImapResponses>, more = {}) =>
  runVerified({ protocol: 'imap', security: 'starttls', script: imap(changes), ...more })
const overSmtp = (changes: Partial<SmtpReplies>, more = {}) =>
  runVerified({ protocol: 'smtp', security: 'starttls', script: smtp(changes), ...more })

/** Responses of an attacker who strips STARTTLS and accepts any login in plaintext. */
const strippedImap: Partial<ImapResponses> = {
  greeting: (peer) =>
    peer.send('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN] ready\r\n'),
  CAPABILITY: imapOffers('IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN'),
  STARTTLS: response('BAD unknown command'),
}
const strippedSmtp: Partial<SmtpReplies> = {
  EHLO: offers('AUTH XOAUTH2 PLAIN LOGIN'),
  STARTTLS: reply('502 5.5.1 not implemented'),
}

describe('STARTTLS stripping', () => {
  const password = { type: 'password', password: 'correct horse battery' } as const

  it.each([
    ['a token over IMAP', () => overImap(strippedImap), 'S1 STARTTLS\r\n'],
    ['a token over SMTP', () => overSmtp(strippedSmtp), 'EHLO [127.0.0.1]\r\n'],
    [
      'a password over IMAP',
      () => overImap(strippedImap, { credential: password }),
      'S1 STARTTLS\r\n',
    ],
    [
      'a password over SMTP',
      () => overSmtp(strippedSmtp, { credential: password }),
      'EHLO [127.0.0.1]\r\n',
    ],
  ])('reveals no byte of %s', async (_what, run, clear) => {
    const { summary, server } = await run()
    expect(summary).toBe('failed tls starttls_refused')
    expect(server.clear).toBe(clear)
  })
})

describe('a successful STARTTLS', () => {
  it('sends nothing else in plaintext', async () => {
    const first = await overImap({})
    const second = await overSmtp({})
    expect(first.server.clear.split('\r\n')[0]).toBe('S1 STARTTLS')
    expect(second.server.clear.split('\r\n').slice(0, 2)).toEqual(['EHLO [127.0.0.1]', 'STARTTLS'])
    expect(first.server.clear).not.toContain('AUTHENTICATE')
    expect(second.server.clear).not.toContain('AUTH')
  })
})

describe('a response to STARTTLS', () => {
  it.each([
    ['NO [UNAVAILABLE] no certificate', 'inconclusive tls unavailable'],
    ['BAD [SERVERBUG] oops', 'inconclusive tls unavailable'],
    ['NO [LIMIT] one session only', 'inconclusive tls throttled'],
    ['NO try again later', 'inconclusive tls unavailable'],
    ['NO [PRIVACYREQUIRED] not here', 'failed tls starttls_refused'],
    ['BAD what?', 'failed tls starttls_refused'],
    ['BYE what?', 'failed tls starttls_refused'],
  ])('of "%s" over IMAP is: %s', async (words, expected) => {
    const { summary, report } = await overImap({ STARTTLS: response(words) })
    expect(summary).toBe(expected)
    expect(report.failure?.reply).toBe(`S1 ${words}`)
  })

  it.each([
    ['502 5.5.1 not implemented', 'failed tls starttls_refused', '5.5.1'],
    ['500 what?', 'failed tls starttls_refused', null],
    ['250 fine', 'failed tls starttls_refused', null],
    ['454 4.7.0 TLS not available', 'inconclusive tls unavailable', '4.7.0'],
    ['421 4.7.0 Too many connections', 'inconclusive tls throttled', '4.7.0'],
    ['400 later', 'inconclusive tls unavailable', null],
    ['what?', 'failed tls protocol', null],
  ])('of "%s" over SMTP is: %s', async (words, expected, enhanced) => {
    const { summary, report } = await overSmtp({ STARTTLS: reply(words) })
    expect(summary).toBe(expected)
    expect(report.failure).toMatchObject({ reply: words, smtp_enhanced: enhanced })
    expect(report.steps.find(({ name }) => name === 'tls')?.detail).toContain(words)
  })

  it.each([
    ['with leading white space', ' S1 OK begin'],
    ['with a bare carriage return', 'S1 OK begin\rnow'],
    ['for an untagged command', '* OK begin'],
  ])('%s does not count over IMAP', async (_name, line) => {
    const { summary } = await overImap({
      STARTTLS: (peer, tag) => peer.send(`${line}\r\n${tag} NO not here\r\n`),
    })
    expect(summary).toBe('failed tls starttls_refused')
  })

  it.each([
    [49, 'OK', 'passed'],
    [50, 'OK', 'failed tls protocol'],
    [0, 'ok', 'passed'],
  ])('after %i untagged lines, "%s" over IMAP: %s', async (count, status, expected) => {
    const { summary } = await overImap({
      async STARTTLS(peer, tag) {
        peer.send(`${'* OK wait\r\n'.repeat(count)}${tag} ${status} begin\r\n`)
        await peer.startTls()
      },
    })
    expect(summary).toBe(expected)
  })

  it.each([
    ['502 5.5.1 EHLO?', 'failed tls starttls_refused', 502],
    ['421 4.3.2 shutting down', 'inconclusive tls unavailable', 421],
    ['550-no\r\n250 STARTTLS', 'failed tls protocol', null],
    ['451 4.3.0 later', 'inconclusive tls unavailable', 451],
    ['what?', 'failed tls protocol', null],
  ])('is not awaited after the EHLO reply "%s": %s', async (words, expected, code) => {
    const { summary, report, server } = await overSmtp({ EHLO: reply(words) })
    expect(summary).toBe(expected)
    expect(report.failure?.smtp_code).toBe(code)
    expect(server.clear).toBe('EHLO [127.0.0.1]\r\n')
  })

  it.each(['STARTTLSX', 'X-250-STARTTLS', 'XSTARTTLS'])(
    'is not awaited if the server offers only %s',
    async (extension) => {
      const { summary, server } = await overSmtp({ EHLO: offers('SIZE 1', extension) })
      expect(summary).toBe('failed tls starttls_refused')
      expect(server.clear).toBe('EHLO [127.0.0.1]\r\n')
    },
  )

  it('is awaited if the server offers STARTTLS in lower case', async () => {
    const { server } = await overSmtp({ EHLO: offers('starttls', 'SIZE 1') })
    expect(server.clear).toBe('EHLO [127.0.0.1]\r\nSTARTTLS\r\n')
  })

  it('that is a closed connection is reported as such', async () => {
    const results = [
      await overImap({ STARTTLS: (peer) => peer.end() }),
      await overSmtp({ EHLO: (peer) => peer.end() }),
      await overSmtp({ STARTTLS: (peer) => peer.end() }),
    ]
    for (const { summary, report } of results) {
      expect(summary).toBe('inconclusive tls unavailable')
      const step = report.steps.find(({ name }) => name === 'tls')
      expect(step?.detail).toBe('The server closed the connection.')
    }
  })

  it('must carry the tag of the command', async () => {
    const { summary } = await overImap({
      STARTTLS: (peer, tag) => peer.send(`X${tag} OK begin\r\n${tag} NO not here\r\n`),
    })
    expect(summary).toBe('failed tls starttls_refused')
  })

  it('of BYE is inconclusive', async () => {
    for (const bye of ['BYE', 'bye']) {
      const { summary, report } = await overImap({
        STARTTLS: (peer) => peer.end(`* ${bye} later\r\n`),
      })
      expect(summary).toBe('inconclusive tls unavailable')
      expect(report.failure).toMatchObject({ imap_status: 'BYE', reply: 'BYE later' })
    }
  })

  it('that never comes ends the probe', async () => {
    const first = await overImap({ STARTTLS: (peer) => peer.send('* OK wait\r\n'.repeat(100)) })
    const second = await overImap({ STARTTLS: () => {} }, { deadline: 150 })
    const third = await overSmtp({ EHLO: (peer) => peer.send('250-more\r\n'.repeat(5_000)) })
    expect([first.summary, second.summary, third.summary]).toEqual([
      'failed tls protocol',
      'inconclusive tls timeout',
      'failed tls protocol',
    ])
  })

  it('of OK and then a closed connection is inconclusive', async () => {
    const first = await overImap({ STARTTLS: (peer, tag) => peer.end(`${tag} OK begin\r\n`) })
    const second = await overSmtp({ STARTTLS: (peer) => peer.end('220 begin\r\n') })
    expect([first.summary, second.summary]).toEqual([
      'inconclusive tls unavailable',
      'inconclusive tls unavailable',
    ])
  })
})

describe('data injected after the response to STARTTLS', () => {
  const IMAP = { over: overImap, ok: 'S1 OK begin', sent: 'S1 STARTTLS\r\n' }
  const SMTP = { over: overSmtp, ok: '220 begin', sent: 'EHLO [127.0.0.1]\r\nSTARTTLS\r\n' }

  it.each([
    ['a capability list of IMAP', IMAP, '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n'],
    ['a tagged OK for a later command of IMAP', IMAP, '2 OK logged in\r\n'],
    ['part of a line of IMAP', IMAP, 'x'],
    ['a forged extension of SMTP', SMTP, '250 AUTH XOAUTH2\r\n'],
    ['a forged success of SMTP', SMTP, '235 2.7.0 ok\r\n'],
    ['part of a line of SMTP', SMTP, '2'],
  ])('is detected: %s', async (_name, { over, ok, sent }, words) => {
    const { summary, server } = await over({
      async STARTTLS(peer) {
        peer.send(`${ok}\r\n${words}`)
        await peer.startTls()
      },
    })
    expect(summary).toBe('failed tls starttls_injection')
    expect(server.clear).toBe(sent)
  })

  it('breaks the handshake if it arrives late', async () => {
    const { report } = await overImap({
      STARTTLS(peer, tag) {
        peer.send(`${tag} OK begin\r\n`)
        setImmediate(() => peer.send('* CAPABILITY AUTH=PLAIN\r\n2 OK logged in\r\n'.repeat(10)))
      },
    })
    expect(report.outcome).toBe('failed')
    expect(report.failure?.step).toBe('tls')
  })
})
