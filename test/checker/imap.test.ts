import { describe, expect, it } from 'vitest'
import { CAPABILITIES, type ImapResponses, imap, offers, response } from './hostile/imap.ts'
import { IDENTITY, LONG_TOKEN, runVerified, SECURITIES, TOKEN } from './hostile/run-case.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const MESSAGE = base64(`user=${IDENTITY}\u0001auth=Bearer ${TOKEN}\u0001\u0001`)

const against = (changes: Partial<ImapResponses>, more = {}) =>
  runVerified({ protocol: 'imap', security: 'tls', script: imap(changes), ...more })

const challenged =
  (challenge: string, refusal = 'NO [AUTHENTICATIONFAILED] AUTHENTICATE failed.') =>
  async (peer: Parameters<ImapResponses['AUTHENTICATE']>[0], tag: string) => {
    peer.send(`+ ${challenge}\r\n`)
    await peer.line()
    peer.send(`${tag} ${refusal}\r\n`)
  }

describe('the commands sent', () => {
  it('are CAPABILITY, AUTHENTICATE, EXAMINE and LOGOUT, nothing else', async () => {
    const { server } = await against({})
    expect(server.lines).toEqual([
      '1 CAPABILITY',
      `2 AUTHENTICATE XOAUTH2 ${MESSAGE}`,
      '3 EXAMINE INBOX',
      '4 LOGOUT',
    ])
  })

  it('omit CAPABILITY if a greeting over TLS contained it', async () => {
    const { server } = await against({
      greeting: (peer) => peer.send(`* OK [CAPABILITY ${CAPABILITIES}] ready\r\n`),
    })
    expect(server.lines).toHaveLength(3)
  })

  it('include CAPABILITY again after STARTTLS', async () => {
    const { server, summary } = await runVerified({
      protocol: 'imap',
      security: 'starttls',
      script: imap({
        greeting: (peer) => peer.send('* OK [CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER] ready\r\n'),
      }),
    })
    expect(summary).toBe('passed')
    expect(server.lines.slice(0, 2)).toEqual(['S1 STARTTLS', '1 CAPABILITY'])
  })

  it('use XOAUTH2 even if OAUTHBEARER is offered', async () => {
    const { server, report } = await against({
      CAPABILITY: offers('IMAP4rev1 SASL-IR AUTH=OAUTHBEARER AUTH=XOAUTH AUTH=XOAUTH2'),
    })
    expect(report.mechanism).toBe('XOAUTH2')
    expect(server.lines[1]).toBe(`2 AUTHENTICATE XOAUTH2 ${MESSAGE}`)
  })

  it('send the token on a separate line if SASL-IR is not offered', async () => {
    const { server, summary } = await against({
      CAPABILITY: offers('IMAP4rev1 AUTH=XOAUTH2'),
      async AUTHENTICATE(peer, tag) {
        peer.send('+ \r\n')
        await peer.line()
        peer.send(`${tag} OK done\r\n`)
      },
    })
    expect(summary).toBe('passed')
    expect(server.lines.slice(1, 3)).toEqual(['2 AUTHENTICATE XOAUTH2', MESSAGE])
  })

  it.each([
    ['a token', { type: 'oauth', access_token: TOKEN, cloud: 'global' }],
    ['a password', { type: 'password', password: 'correct horse battery' }],
  ] as const)(
    'prove nothing if the server accepts the login before it has %s',
    async (_name, credential) => {
      const { server, summary } = await against(
        {
          CAPABILITY: offers('IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2'),
          AUTHENTICATE: response('OK welcome'),
        },
        { credential },
      )
      expect(summary).toBe('failed authenticate protocol')
      expect(server.lines).toHaveLength(2)
    },
  )

  it('contain no login if XOAUTH2 is not offered', async () => {
    const { server, summary, report } = await against({
      CAPABILITY: offers('IMAP4rev1 SASL-IR AUTH=OAUTHBEARER AUTH=PLAIN'),
    })
    expect(summary).toBe('failed authenticate mechanism_missing')
    expect(report.mechanism).toBeNull()
    expect(server.lines).toEqual(['1 CAPABILITY'])
  })

  it('do not follow a referral to another server', async () => {
    const { report, server } = await against({
      AUTHENTICATE: response('NO [REFERRAL imap://evil.test/] go there'),
    })
    expect(report.failure).toMatchObject({ kind: 'rejected', imap_response_code: 'REFERRAL' })
    expect(server.connections).toBe(1)
  })
})

describe('a password account', () => {
  const credential = { type: 'password', password: 'correct horse battery' } as const

  it.each([
    ['IMAP4rev1 AUTH=PLAIN AUTH=LOGIN', 'PLAIN'],
    ['IMAP4rev1', 'LOGIN'],
  ])('with %s logs in by %s', async (capabilities, mechanism) => {
    const { summary, report } = await against({ CAPABILITY: offers(capabilities) }, { credential })
    expect(summary).toBe('passed')
    expect(report.mechanism).toBe(mechanism)
  })

  it('sends no password if LOGIN is disabled and nothing else is offered', async () => {
    const { summary, server } = await against(
      { CAPABILITY: offers('IMAP4rev1 LOGINDISABLED') },
      { credential },
    )
    expect(summary).toBe('failed authenticate mechanism_missing')
    expect(server.lines).toEqual(['1 CAPABILITY'])
  })
})

describe('a long token', () => {
  const oauth = (access_token: string) => ({
    credential: { type: 'oauth', access_token, cloud: 'global' } as const,
  })
  const closes: ImapResponses['AUTHENTICATE'] = (peer) => peer.end()

  it('stays in the command, since IMAP has no limit for it', async () => {
    const { server, summary } = await against({}, oauth(LONG_TOKEN))
    expect(summary).toBe('passed')
    expect(server.lines[1]).toMatch(/^2 AUTHENTICATE XOAUTH2 \S{3000,}$/)
  })

  it('says nothing about the login if the server then closes the connection', async () => {
    const { summary } = await against({ AUTHENTICATE: closes }, oauth(LONG_TOKEN))
    expect(summary).toBe('inconclusive authenticate unavailable')
  })

  it('of more than Dovecot reads is too long for a server that then closes the connection', async () => {
    const huge = oauth('x'.repeat(7000))
    expect((await against({ AUTHENTICATE: closes }, huge)).summary).toBe(
      'failed authenticate line_too_long',
    )
    expect((await against({ CAPABILITY: closes }, huge)).summary).toBe(
      'inconclusive authenticate unavailable',
    )
    expect((await against({ EXAMINE: closes }, huge)).summary).toBe(
      'inconclusive mailbox unavailable',
    )
  })
})

describe('a refused login', () => {
  it.each([
    ['NO AUTHENTICATE failed.', 'failed', 'rejected'],
    ['NO [AUTHENTICATIONFAILED] Invalid credentials', 'failed', 'rejected'],
    ['BAD Command Argument Error. 11', 'failed', 'rejected'],
    ['NO [UNAVAILABLE] Temporary authentication failure.', 'inconclusive', 'unavailable'],
    ['NO [LIMIT] Too many sessions', 'inconclusive', 'throttled'],
    ['BAD User is authenticated but not connected.', 'failed', 'not_connected'],
    // At once, not after the pause that the server asks for.
    [
      'BAD Request is throttled. Suggested Backoff Time: 299000 milliseconds',
      'inconclusive',
      'throttled',
    ],
  ])('with "%s" is %s: %s', async (words, outcome, kind) => {
    const { summary, report } = await against({ AUTHENTICATE: response(words) })
    expect(summary).toBe(`${outcome} authenticate ${kind}`)
    expect(report.failure?.reply).toBe(words)
    expect(report.failure?.imap_status).toBe(words.split(' ')[0])
  })

  it.each([
    ['{"status":"401","schemes":"bearer"}', 'failed', 'rejected'],
    ['{"status":"internal_failure"}', 'inconclusive', 'unavailable'],
    ['{"status":"503"}', 'inconclusive', 'unavailable'],
  ])('with the challenge %s is %s: %s', async (challenge, outcome, kind) => {
    const { summary, report } = await against({ AUTHENTICATE: challenged(base64(challenge)) })
    expect(summary).toBe(`${outcome} authenticate ${kind}`)
    expect(report.failure?.challenge).toBe(challenge)
  })

  it.each([
    ['not base64', '!!! not base64 !!!'],
    ['not JSON', base64('you shall not pass')],
    ['JSON that nests 10,000 deep', base64(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
    ['JSON with a huge field', base64(JSON.stringify({ status: '401', x: 'y'.repeat(20_000) }))],
  ])('with a challenge that is %s is still a refusal', async (_name, challenge) => {
    const { summary } = await against({ AUTHENTICATE: challenged(challenge) })
    expect(summary).toBe('failed authenticate rejected')
  })

  it('with two challenges is still a refusal', async () => {
    const { summary } = await against({
      async AUTHENTICATE(peer, tag) {
        const challenge = base64('{"status":"400"}')
        for (const _ of [1, 2]) {
          peer.send(`+ ${challenge}\r\n`)
          await peer.line()
        }
        peer.send(`${tag} NO failed\r\n`)
      },
    })
    expect(summary).toBe('failed authenticate rejected')
  })
})

describe('a mailbox that does not open after a successful login', () => {
  it.each([
    ['BAD User is authenticated but not connected.', 'failed', 'not_connected'],
    ['NO [NONEXISTENT] no such mailbox', 'failed', 'rejected'],
    ['NO [UNAVAILABLE] database is down', 'inconclusive', 'unavailable'],
    [
      'BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds',
      'inconclusive',
      'throttled',
    ],
  ])('with "%s" is %s: %s', async (words, outcome, kind) => {
    const { summary, report } = await against({ EXAMINE: response(words) })
    expect(summary).toBe(`${outcome} mailbox ${kind}`)
    expect(report.steps.find((step) => step.name === 'authenticate')?.outcome).toBe('passed')
  })

  it('because of BYE is inconclusive', async () => {
    const { summary, report } = await against({
      AUTHENTICATE: (peer, tag) => peer.end(`${tag} OK done\r\n* BYE going down\r\n`),
    })
    expect(summary).toBe('inconclusive mailbox unavailable')
    expect(report.failure).toMatchObject({ imap_status: 'BYE', reply: 'BYE going down' })
  })
})

describe.each(SECURITIES)('a misbehaving server over %s', (security) => {
  const misbehave = (changes: Partial<ImapResponses>) =>
    runVerified({ protocol: 'imap', security, script: imap(changes) })

  it.each([
    ['a literal of 2 GiB is announced', (tag: string) => `* 1 FETCH (BODY {2147483648}\r\n${tag}`],
    ['a line has no end', () => 'x'.repeat(100_000)],
    [
      '5,000 lines precede the answer',
      (tag: string) => `${'* OK wait\r\n'.repeat(5000)}${tag} OK\r\n`,
    ],
    ['a line has 50,000 tokens', (tag: string) => `* X ${'a '.repeat(30_000)}\r\n${tag} OK\r\n`],
  ])('exceeds the limits if %s', async (_name, flood) => {
    const { summary } = await misbehave({ AUTHENTICATE: (peer, tag) => peer.send(flood(tag)) })
    expect(summary).toBe('failed authenticate protocol')
  })

  it('that never responds to LOGOUT does not change the result', async () => {
    const { summary } = await misbehave({ LOGOUT: () => {} })
    expect(summary).toBe('passed')
  })

  it('that sends NUL, 8-bit bytes and bare line breaks yields a clean report', async () => {
    const words = Buffer.from(
      '* OK \u0000\xff\xfe caf\xe9 \r * \u001b[31mred\u001b[0m\r\n',
      'latin1',
    )
    const { summary, report } = await misbehave({
      AUTHENTICATE(peer, tag) {
        peer.send(words)
        peer.send(`${tag} NO \u001b[2Jno\u0007pe\r\n`)
      },
    })
    expect(summary).toBe('failed authenticate rejected')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
    expect(JSON.stringify(report)).not.toMatch(/\\u00[01]|[\u0000-\u001f\u007f-\u009f]/)
  })
})
