import { describe, expect, it } from 'vitest'
import { readSettings } from '../../checker/env.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const API_KEY = 'a-key-of-a-help-desk-0123456789abcdef'
const GOOD = { CHECKER_KEY: `k1:${KEY}` }

function problemsOf(environment: Record<string, string>) {
  const parsed = readSettings(environment)
  return parsed.ok ? [] : parsed.problems
}

describe('settings', () => {
  it('require only a key, and default to loopback', () => {
    const parsed = readSettings(GOOD)
    expect(parsed).toMatchObject({
      ok: true,
      settings: {
        HOST: '127.0.0.1',
        PORT: 8788,
        EXTRA_OAUTH_MAIL_HOSTS: [],
        ALLOW_PRIVATE_HOSTS: false,
        PROBES_AT_ONCE: 128,
        PROBES_PER_HOST: 32,
      },
    })
  })

  it('accept a key ring and a list of servers', () => {
    const parsed = readSettings({
      ...GOOD,
      CHECKER_KEY: `k2:${KEY},k1:${KEY}`,
      PORT: '0',
      EXTRA_OAUTH_MAIL_HOSTS: 'imap:mail.corp.test:993:tls',
      ALLOW_PRIVATE_HOSTS: 'true',
      NODE_TLS_REJECT_UNAUTHORIZED: '1',
    })
    expect(parsed).toMatchObject({
      settings: {
        CHECKER_KEY: [{ kid: 'k2' }, { kid: 'k1' }],
        PORT: 0,
        EXTRA_OAUTH_MAIL_HOSTS: [
          { protocol: 'imap', host: 'mail.corp.test', port: 993, security: 'tls' },
        ],
        ALLOW_PRIVATE_HOSTS: true,
      },
    })
  })

  it('accept the number of probes that run at once, in all and per mail server', () => {
    const parsed = readSettings({ ...GOOD, PROBES_AT_ONCE: '8', PROBES_PER_HOST: '2' })
    expect(parsed).toMatchObject({ settings: { PROBES_AT_ONCE: 8, PROBES_PER_HOST: 2 } })
    for (const wrong of ['0', '-1', 'many', '']) {
      expect(problemsOf({ ...GOOD, PROBES_AT_ONCE: wrong })).toEqual([
        'PROBES_AT_ONCE must be a number from 1 to 9999',
      ])
    }
  })

  it('refuse to disable certificate checks', () => {
    expect(problemsOf({ ...GOOD, NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
      'NODE_TLS_REJECT_UNAUTHORIZED is 0: the checker does not run without certificate checks',
    ])
  })

  it('report every problem on its own line, without secrets', () => {
    const secret = 'c2VjcmV0LWtleS1tYXRlcmlhbA=='
    const problems = problemsOf({
      CHECKER_KEY: `k1:${secret}`,
      PORT: 'eighty',
      EXTRA_OAUTH_MAIL_HOSTS: 'mail.corp.test',
    })
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'CHECKER_KEY',
      'EXTRA_OAUTH_MAIL_HOSTS',
    ])
    expect(problems.join()).not.toContain(secret)
  })

  it.each([
    ['PORT', ''],
    ['PORT', '99999'],
    ['DRAIN_SECONDS', 'soon'],
    ['ALLOW_PRIVATE_HOSTS', 'yes'],
  ])('reject %s=%j', (name, value) => {
    expect(problemsOf({ ...GOOD, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name} `)),
    ])
  })

  it.each([{}, { CHECKER_KEY: '' }])(
    'without a key (%o) report that it is missing',
    (environment) => {
      expect(problemsOf(environment)[0]).toMatch(/^CHECKER_KEY /)
    },
  )

  it('of a checker that is used alone are an API key', () => {
    const parsed = readSettings({ CHECKER_API_KEY: API_KEY })
    expect(parsed).toMatchObject({ ok: true, settings: { CHECKER_API_KEY: API_KEY } })
    for (const bad of [API_KEY.slice(0, 31), `${API_KEY} `, `${API_KEY}\u00e4`]) {
      expect(problemsOf({ CHECKER_API_KEY: bad })).toEqual([
        expect.stringMatching(/^CHECKER_API_KEY (is too short|must be printable)/),
      ])
    }
  })

  it('keep an API key off an open network without TLS', () => {
    const open = { CHECKER_API_KEY: API_KEY, HOST: '0.0.0.0' }
    expect(problemsOf(open)).toEqual([
      expect.stringMatching(/^HOST is not loopback.*BEHIND_TLS=true$/),
    ])
    expect(problemsOf({ ...open, BEHIND_TLS: 'true' })).toEqual([])
    for (const HOST of ['127.0.0.1', '::1', 'localhost']) {
      expect(problemsOf({ ...open, HOST })).toEqual([])
    }
    // Sealed messages need no TLS.
    expect(problemsOf({ ...GOOD, HOST: '0.0.0.0' })).toEqual([])
  })
})
