import { base64url } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  claims,
  expected,
  HOST,
  type Keys,
  makeKeys,
  sign,
  tamper,
  verifierFor,
} from './token-issuer.ts'

let keys: Keys
beforeAll(async () => {
  keys = await makeKeys()
})

const check = (token: string) => verifierFor(keys.jwk).verify(token, expected)

describe('an id_token without a valid signature', () => {
  it('is refused with alg none', async () => {
    const header = base64url.encode(JSON.stringify({ alg: 'none', kid: 'key-1' }))
    const token = `${header}.${base64url.encode(JSON.stringify(claims))}.`
    expect(await check(token)).toEqual({ ok: false, reason: 'algorithm' })
  })

  it.each(['HS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'rs256', 'RSA-OAEP'])(
    'is refused with alg %s in its header',
    async (alg) => {
      const token = tamper(await sign(keys), 0, (header) => header.replace('RS256', alg))
      expect(await check(token)).toEqual({ ok: false, reason: 'algorithm' })
    },
  )

  it.each(['RS512', 'PS256', 'ES256'])('is refused when actually signed with %s', async (alg) => {
    const other = await makeKeys('key-1', alg)
    const { verify } = verifierFor(other.jwk)
    const token = await sign(other, {}, { alg })
    expect(await verify(token, expected)).toEqual({ ok: false, reason: 'algorithm' })
  })

  it('is refused when another key signed it under the id of a published key', async () => {
    const other = await makeKeys()
    expect(await check(await sign(other))).toEqual({ ok: false, reason: 'signature' })
  })

  it('is refused when its header supplies its own key', async () => {
    const other = await makeKeys()
    const header = {
      jwk: other.jwk,
      jku: 'https://evil.example/keys',
      x5u: 'https://evil.example/',
    }
    const { verify, seen } = verifierFor(keys.jwk)
    const token = await sign(other, {}, header)
    expect(await verify(token, expected)).toEqual({ ok: false, reason: 'signature' })
    const urls = new Set(seen.map(({ url }) => url))
    expect([...urls]).toEqual([`${HOST}/organizations/discovery/v2.0/keys`])
  })

  it.each<[string, (token: string) => string]>([
    ['a claim was changed', (token) => tamper(token, 1, (t) => t.replace('alice', 'mallory'))],
    ['the type was changed', (token) => tamper(token, 0, (t) => t.replace('JWT', 'JWS'))],
    ['the signature is cut', (token) => token.slice(0, -4)],
    ['the signature is empty', (token) => token.replace(/[^.]*$/, '')],
    ['the signature was changed', (token) => tamper(token, 2, (t) => `${t.slice(1)}x`)],
  ])('is refused when %s', async (_, change) => {
    expect(await check(change(await sign(keys)))).toEqual({ ok: false, reason: 'signature' })
  })

  it.each([{ kid: 'key-2' }, { kid: undefined }, { kid: '' }, { kid: 5 }, { kid: ['key-1'] }])(
    'is refused with the key id %j',
    async (header) => {
      expect(await check(await sign(keys, {}, header))).toEqual({
        ok: false,
        reason: 'unknown_key',
      })
    },
  )
})

describe('a malformed id_token', () => {
  const encode = (text: string) => base64url.encode(new TextEncoder().encode(text))
  it.each<[string, (token: string) => string]>([
    ['is empty', () => ''],
    ['is a plain word', () => 'token'],
    ['has two parts', (token) => token.split('.').slice(0, 2).join('.')],
    ['has five parts', (token) => `${token}.a.b`],
    ['has a header that is not base64url', (token) => `!${token}`],
    [
      'has a header that is not JSON',
      (token) => `${encode('{')}.${token.split('.').slice(1).join('.')}`,
    ],
    [
      'has a header that is an array',
      (token) => `${encode('[]')}.${token.split('.').slice(1).join('.')}`,
    ],
  ])('is refused when it %s', async (_, change) => {
    expect(await check(change(await sign(keys)))).toEqual({ ok: false, reason: 'malformed' })
  })

  it('is refused with an unknown critical extension', async () => {
    const token = tamper(await sign(keys), 0, (t) => t.replace('{', '{"crit":["exp"],"exp":1,'))
    expect(await check(token)).toEqual({ ok: false, reason: 'malformed' })
  })
})
