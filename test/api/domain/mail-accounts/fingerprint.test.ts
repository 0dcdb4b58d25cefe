import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../../api/domain/mail-accounts/fingerprint.ts'
import type { KeyRing } from '../../../../schema/settings.ts'

const ring = (byte: number): KeyRing => [{ kid: 'k', key: new Uint8Array(32).fill(byte) }]
const login = {
  customer: null,
  protocol: 'imap' as const,
  host: 'mail.example.org',
  port: 993,
  security: 'tls' as const,
  username: 'desk@example.org',
  delegate: null,
  authentication: 'password' as const,
  grantId: null,
  tenant: null,
}

describe('the fingerprint of a login', () => {
  it('is the same for the same values', async () => {
    expect(fingerprint(ring(1), { ...login }, 'a')).toBe(fingerprint(ring(1), login, 'a'))
  })

  it.each([
    { customer: 'acme' },
    { protocol: 'smtp' as const },
    { host: 'mail.example.net' },
    { port: 143 },
    { security: 'starttls' as const },
    { username: 'other@example.org' },
    { delegate: 'alice@example.org' },
    { authentication: 'oauth' as const },
    { authentication: 'app_only' as const },
    { grantId: 'gr_a' },
    { tenant: 'contoso.com' },
  ])('differs with %o', async (change) => {
    const before = fingerprint(ring(1), login, 'a')
    expect(fingerprint(ring(1), { ...login, ...change }, 'a')).not.toBe(before)
  })

  it('differs by password, and without one', async () => {
    const prints = await Promise.all(
      ['a', 'b', null].map((password) => fingerprint(ring(1), login, password)),
    )
    expect(new Set(prints).size).toBe(3)
  })

  it('depends on the encryption key of the deployment', async () => {
    expect(fingerprint(ring(2), login, 'a')).not.toBe(await fingerprint(ring(1), login, 'a'))
  })
})
