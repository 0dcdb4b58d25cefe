import { describe, expect, it } from 'vitest'
import { readAccessTokenClaims } from '../../../api/entra/access-token.ts'

const encodePart = (value: unknown) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
const jwt = (claims: unknown) => `${encodePart({ alg: 'RS256' })}.${encodePart(claims)}.c2ln`

describe('the facts in an access token', () => {
  it('are read from a delegated token', () => {
    const claims = {
      aud: 'https://outlook.office.com',
      scp: 'IMAP.AccessAsUser.All SMTP.Send',
      upn: 'jürgen@contoso.test',
      tid: 'tenant',
      appid: 'client',
      exp: 1_800_000_000,
    }
    expect(readAccessTokenClaims(jwt(claims))).toEqual({
      audience: 'https://outlook.office.com',
      permissions: 'IMAP.AccessAsUser.All SMTP.Send',
      username: 'jürgen@contoso.test',
      tenantId: 'tenant',
      appId: 'client',
      appOnly: false,
      expiresAt: 1_800_000_000_000,
    })
  })

  it('are read from an app-only token', () => {
    const facts = readAccessTokenClaims(
      jwt({ aud: 'a', roles: ['IMAP.AccessAsApp', 7], idtyp: 'app' }),
    )
    expect(facts).toMatchObject({ permissions: 'IMAP.AccessAsApp', appOnly: true, expiresAt: null })
  })

  it.each([
    ['an opaque token of a personal account', 'EwBwA8l6BAAU...'],
    ['an empty string', ''],
    ['only dots', '..'],
    ['a payload that is not base64', 'a.%%%.c'],
    ['a payload that is not JSON', `a.${btoa('nonsense')}.c`],
    ['an array', jwt([])],
    ['null', jwt(null)],
    ['a huge payload', `a.${'A'.repeat(100_000)}.c`],
  ])('are null for %s', (_name, token) => {
    expect(readAccessTokenClaims(token)).toBeNull()
  })

  it('leave out claims of the wrong type', () => {
    expect(readAccessTokenClaims(jwt({ aud: ['x'], scp: 7, exp: 'soon' }))).toMatchObject({
      audience: null,
      permissions: null,
      expiresAt: null,
    })
  })
})
