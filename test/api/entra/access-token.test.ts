import { describe, expect, it } from 'vitest'
import { readTokenFacts } from '../../../api/entra/access-token.ts'

const part = (value: unknown) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
const jwt = (claims: unknown) => `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`

describe('what an access token says of itself', () => {
  it('is read from a token of a person', () => {
    const claims = {
      aud: 'https://outlook.office.com',
      scp: 'IMAP.AccessAsUser.All SMTP.Send',
      upn: 'jürgen@contoso.test',
      tid: 'tenant',
      appid: 'client',
      exp: 1_800_000_000,
    }
    expect(readTokenFacts(jwt(claims))).toEqual({
      audience: 'https://outlook.office.com',
      permissions: 'IMAP.AccessAsUser.All SMTP.Send',
      username: 'jürgen@contoso.test',
      tenantId: 'tenant',
      appId: 'client',
      appOnly: false,
      expiresAt: 1_800_000_000_000,
    })
  })

  it('is read from a token of the app itself', () => {
    const facts = readTokenFacts(jwt({ aud: 'a', roles: ['IMAP.AccessAsApp', 7], idtyp: 'app' }))
    expect(facts).toMatchObject({ permissions: 'IMAP.AccessAsApp', appOnly: true, expiresAt: null })
  })

  it.each([
    ['an opaque token of a personal account', 'EwBwA8l6BAAU...'],
    ['nothing', ''],
    ['dots only', '..'],
    ['a payload that is no base64', 'a.%%%.c'],
    ['a payload that is no JSON', `a.${btoa('nonsense')}.c`],
    ['an array', jwt([])],
    ['null', jwt(null)],
    ['an endless payload', `a.${'A'.repeat(100_000)}.c`],
  ])('is unknown for %s', (_name, token) => {
    expect(readTokenFacts(token)).toBeNull()
  })

  it('takes no claim of a wrong type', () => {
    expect(readTokenFacts(jwt({ aud: ['x'], scp: 7, exp: 'soon' }))).toMatchObject({
      audience: null,
      permissions: null,
      expiresAt: null,
    })
  })
})
