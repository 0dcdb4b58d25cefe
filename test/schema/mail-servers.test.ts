import { describe, expect, it } from 'vitest'
import { mayReceiveToken, normalHost } from '../../schema/mail-servers.ts'

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

describe('a host that is not a plain name', () => {
  it('may never receive a token', () => {
    const server = { protocol: 'imap', host: '::1', port: 993, security: 'tls' } as const
    expect(mayReceiveToken(server, 'global', [server])).toBe(false)
  })
})
