import { describe, expect, it } from 'vitest'
import {
  Cloud,
  defaultMailServer,
  MailServer,
  mayReceiveToken,
  microsoftMailServers,
  normalHost,
  Protocol,
} from '../../schema/mail-servers.ts'

const LONGEST = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`

describe('a normal host name', () => {
  it('has at most 253 characters', () => {
    expect(LONGEST).toHaveLength(253)
    expect(normalHost(LONGEST)).toBe(LONGEST)
    expect(normalHost(`${LONGEST}d`)).toBeNull()
  })

  it('may contain numeric labels, but not end in one', () => {
    expect(normalHost('1.mail.test')).toBe('1.mail.test')
    expect(normalHost('mail.test.1')).toBeNull()
  })
})

describe('a mail server', () => {
  const server: MailServer = { host: 'mail.test', port: 993, security: 'tls' }

  it.each([{}, { port: 1 }, { port: 65_535 }, { host: 'm' }, { host: 'm'.repeat(253) }])(
    'is accepted with %o',
    (change) => expect(MailServer.safeParse({ ...server, ...change }).success).toBe(true),
  )

  it.each([{ port: 0 }, { port: 65_536 }, { port: 1.5 }, { host: '' }, { host: 'm'.repeat(254) }])(
    'is rejected with %o',
    (change) => expect(MailServer.safeParse({ ...server, ...change }).success).toBe(false),
  )
})

describe('the default server', () => {
  it.each([
    ['global', 'imap', 'work', 'outlook.office365.com'],
    ['global', 'imap', 'personal', 'outlook.office365.com'],
    ['global', 'smtp', 'work', 'smtp.office365.com'],
    ['global', 'smtp', 'personal', 'smtp-mail.outlook.com'],
    ['us_gov_high', 'smtp', 'work', 'outlook.office365.us'],
    ['us_gov_dod', 'imap', 'work', 'outlook-dod.office365.us'],
    ['china', 'smtp', 'personal', 'smtp.partner.outlook.cn'],
  ] as const)('in cloud %s for %s and a %s account is %s', (cloud, protocol, type, host) => {
    const service =
      protocol === 'imap' ? { port: 993, security: 'tls' } : { port: 587, security: 'starttls' }
    expect(defaultMailServer(cloud, protocol, type)).toEqual({ host, ...service })
  })
})

describe('a token', () => {
  const own = { protocol: 'imap', host: 'imap.corp.test', port: 993, security: 'tls' } as const

  it('may be sent to every server of its own cloud, and to none of another cloud', () => {
    for (const cloud of Cloud.options) {
      for (const protocol of Protocol.options) {
        for (const server of microsoftMailServers[cloud][protocol]) {
          const permitted = Cloud.options.filter((one) =>
            mayReceiveToken({ ...server, protocol }, one, []),
          )
          expect([server.host, permitted]).toEqual([server.host, [cloud]])
        }
      }
    }
  })

  it('may be sent to a listed server, however its name is spelled', () => {
    expect(mayReceiveToken({ ...own, host: 'IMAP.corp.test.' }, 'global', [own])).toBe(true)
    expect(mayReceiveToken(own, 'global', [{ ...own, host: 'Imap.Corp.Test.' }])).toBe(true)
    expect(mayReceiveToken(own, 'global', [{ ...own, host: 'other.test' }, own])).toBe(true)
  })

  it.each([
    { host: 'smtp.corp.test' },
    { port: 143 },
    { security: 'starttls' as const },
    { protocol: 'smtp' as const },
  ])('is not sent to a listed server with a deviating %o', (change) => {
    expect(mayReceiveToken({ ...own, ...change }, 'global', [own])).toBe(false)
  })
})

describe('a host that is not a plain name', () => {
  it('may never receive a token', () => {
    const server = { protocol: 'imap', host: '::1', port: 993, security: 'tls' } as const
    expect(mayReceiveToken(server, 'global', [server])).toBe(false)
  })
})

it('no protocol has a name that contains that of another one, since triggers find it with instr()', () => {
  const names = Protocol.options
  const inOthers = names.filter((name) =>
    names.some((other) => other !== name && other.includes(name)),
  )
  expect(inOthers).toEqual([])
})
