import { beforeAll, describe, expect, it } from 'vitest'
import { authorityOf } from '../../../api/entra/authority.ts'
import { PERSONAL_TENANT } from '../../../api/entra/clouds.ts'
import { json } from './http-stub.ts'
import {
  ANY_TENANT,
  CONTOSO,
  expected,
  FABRIKAM,
  HOST,
  issuer,
  type Keys,
  makeKeys,
  SECONDS,
  sign,
  verifierFor,
  verifierWith,
} from './token-issuer.ts'

let keys: Keys
let token: string
beforeAll(async () => {
  keys = await makeKeys()
  token = await sign(keys, { exp: SECONDS + 7 * 86_400 })
})

/** Returns what is expected of a token at a later time. */
const at = (minutes: number) => ({
  ...expected,
  now: new Date(expected.now.getTime() + minutes * 60_000),
})

describe('the issuer of a signing key', () => {
  it.each<[string, boolean, unknown]>([
    ['any tenant', true, ANY_TENANT],
    ['the tenant of the token', true, issuer(CONTOSO)],
    ['unspecified', true, undefined],
    ['another tenant', false, issuer(FABRIKAM)],
    ['personal accounts', false, issuer(PERSONAL_TENANT)],
    ['another cloud', false, 'https://login.microsoftonline.us/{tenantid}/v2.0'],
    ['empty', false, ''],
    ['an array', false, [ANY_TENANT]],
    ['null', false, null],
  ])('%s: accepted %s', async (_, ok, keyIssuer) => {
    const { verify } = verifierFor({ ...keys.jwk, issuer: keyIssuer })
    const verdict = await verify(token, expected)
    expect(verdict).toMatchObject(ok ? { ok } : { ok, reason: 'key_issuer' })
  })

  it('personal accounts, for a token of a personal account: accepted true', async () => {
    const { verify } = verifierFor({ ...keys.jwk, issuer: issuer(PERSONAL_TENANT) })
    const authority = authorityOf('global', 'common')
    const personal = await sign(keys, { tid: PERSONAL_TENANT, iss: issuer(PERSONAL_TENANT) })
    expect(await verify(personal, { ...expected, authority })).toMatchObject({ ok: true })
  })
})

describe('the key set', () => {
  it('may contain keys of other types, in any order', async () => {
    const other = await makeKeys('key-0')
    const symmetric = { kty: 'oct', k: 'AAAA', kid: 'key-9' }
    const { verify } = verifierFor(symmetric, other.jwk, keys.jwk)
    expect(await verify(token, expected)).toMatchObject({ ok: true })
  })

  it('with a duplicate key id verifies no token of that id', async () => {
    const [other, twin] = [await makeKeys('key-0'), await makeKeys()]
    const unknown = { ok: false, reason: 'unknown_key' }
    expect(await verifierFor(other.jwk, keys.jwk, twin.jwk).verify(token, expected)).toEqual(
      unknown,
    )
    const ec = await makeKeys('key-1', 'ES256')
    expect(await verifierFor(other.jwk, keys.jwk, ec.jwk).verify(token, expected)).toEqual(unknown)
    expect(await verifierFor(other.jwk, ec.jwk, keys.jwk).verify(token, expected)).toEqual(unknown)
  })

  it('does not verify with a key without an id, even if it is the only one', async () => {
    const { kid: _, ...nameless } = keys.jwk
    const other = await makeKeys('key-0')
    const { verify } = verifierFor(nameless, other.jwk)
    const verdict = await verify(await sign(keys, {}, { kid: undefined }), expected)
    expect(verdict).toEqual({ ok: false, reason: 'unknown_key' })
  })

  it('is fetched once a day per authority, without Origin and without following redirects', async () => {
    const { verify, seen } = verifierFor(keys.jwk)
    const verifyThreeTimes = async (minutes: number) => {
      for (let round = 0; round < 3; round++) {
        expect(await verify(token, at(minutes))).toMatchObject({ ok: true })
      }
    }
    await verifyThreeTimes(0)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method: 'GET', init: { redirect: 'manual' } })
    expect(seen[0]?.headers.has('origin')).toBe(false)
    await verifyThreeTimes(24 * 60 - 1)
    expect(seen).toHaveLength(1)
    await verifyThreeTimes(24 * 60 + 1)
    expect(seen).toHaveLength(2)
    const authority = authorityOf('global', CONTOSO)
    await verify(token, { ...expected, authority })
    expect(seen.map(({ url }) => url).at(-1)).toBe(`${HOST}/${CONTOSO}/discovery/v2.0/keys`)
  })

  it('is fetched again for an unknown key id at once, then at most every five minutes', async () => {
    const [next, third] = [await makeKeys('key-2'), await makeKeys('key-3')]
    let published = [keys.jwk]
    const { verify, seen } = verifierWith(() => json({ keys: published }))
    await verify(token, expected)
    published = [keys.jwk, next.jwk]
    const rolled = await sign(next, {}, { kid: 'key-2' })
    expect(await verify(rolled, expected)).toMatchObject({ ok: true })
    expect(seen).toHaveLength(2)
    published = [third.jwk]
    const rolledAgain = await sign(third, {}, { kid: 'key-3' })
    for (let round = 0; round < 20; round++) {
      expect(await verify(rolledAgain, at(4))).toEqual({ ok: false, reason: 'unknown_key' })
    }
    expect(seen).toHaveLength(2)
    expect(await verify(rolledAgain, at(6))).toMatchObject({ ok: true })
    for (let round = 0; round < 20; round++) {
      await verify(await sign(next, {}, { kid: `made-up-${round}` }), at(6))
    }
    expect(seen).toHaveLength(3)
  })

  it('is fetched again once the clock, which was two days ahead, was put back', async () => {
    const next = await makeKeys('key-2')
    let published = [keys.jwk]
    const { verify } = verifierWith(() => json({ keys: published }))
    const rolled = await sign(next, { exp: SECONDS + 7 * 86_400 }, { kid: 'key-2' })
    expect(await verify(rolled, at(2 * 24 * 60))).toMatchObject({ ok: false })
    published = [next.jwk]
    expect(await verify(rolled, expected)).toMatchObject({ ok: true })
  })

  it.each<[string, (served: Keys) => Keys['jwk']]>([
    ['another modulus', ({ jwk }) => jwk],
    ['another issuer', () => ({ ...keys.jwk, issuer: issuer(FABRIKAM) })],
    ['another key id', ({ jwk }) => ({ ...jwk, kid: 'key-9' })],
  ])(
    'served once with %s rejects no token, and is fetched for one at most every five minutes',
    async (_, wrong) => {
      const served = wrong(await makeKeys())
      const { verify, seen } = verifierWith(() => json({ keys: [seen[1] ? keys.jwk : served] }))
      expect(await verify(token, expected)).toMatchObject({ ok: true })
      const forged = await sign(await makeKeys())
      for (const minutes of [0, 0, 4, 6, 6, 10]) {
        expect(await verify(forged, at(minutes))).toEqual({ ok: false, reason: 'signature' })
      }
      expect(seen).toHaveLength(3)
      expect(await verify(token, at(10))).toMatchObject({ ok: true })
    },
  )

  it.each<[string, () => Response]>([
    ['a server error', () => json({}, 503)],
    ['an empty set', () => json({ keys: [] })],
    ['a set of broken keys', () => json({ keys: [{ ...keys.jwk, n: '!!' }] })],
    ['keys of another kind', () => json({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'key-1' }] })],
    ['keys for encryption', () => json({ keys: [{ ...keys.jwk, use: 'enc' }] })],
    ['an error with status 200', () => json({ error: 'server_error' })],
  ])('is not replaced by %s, which is tried again after a minute', async (_, respond) => {
    let broken = false
    const { verify, seen } = verifierWith(() => (broken ? respond() : json({ keys: [keys.jwk] })))
    await verify(token, expected)
    broken = true
    const day = 24 * 60
    for (const minutes of [day + 1, day + 1, day + 1.5, day + 3]) {
      expect(await verify(token, at(minutes))).toMatchObject({ ok: true })
    }
    expect(seen).toHaveLength(3)
  })

  it('keeps a good key for a day when a set of other keys takes its place', async () => {
    const wrong = await makeKeys('key-9')
    let published = [keys.jwk]
    const { verify } = verifierWith(() => json({ keys: published }))
    await verify(token, expected)
    published = [wrong.jwk]
    const day = 24 * 60
    await verify(await sign(wrong, {}, { kid: 'key-9' }), at(5))
    expect(await verify(token, at(day - 1))).toMatchObject({ ok: true })
    await verify(token, at(day + 5))
    expect(await verify(token, at(day + 10))).toEqual({ ok: false, reason: 'unknown_key' })
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['cannot be reached', () => Promise.reject(new Error('connection refused'))],
    ['never arrives', () => new Promise(() => undefined)],
    [
      'stops in the middle',
      () => new Response(new ReadableStream(), { headers: { 'content-type': 'application/json' } }),
    ],
    ['is a server error', () => json({ keys: [] }, 500)],
    ['is not found', () => json({ keys: [keys.jwk] }, 404)],
    ['is throttled', () => json({}, 429)],
    ['is a redirect', () => json({}, 302, { location: 'https://evil.example/keys' })],
    ['is HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['is truncated', () => json('{"keys":[')],
    ['is empty', () => json('')],
    ['is an array', () => json([keys.jwk])],
    ['is null', () => json('null')],
    ['has no keys member', () => json({})],
    ['has a string as keys', () => json({ keys: 'x' })],
    ['has keys that are not objects', () => json({ keys: ['x'] })],
    ['is 10 MB', () => json(`{"keys":[],"x":"${'x'.repeat(10_000_000)}"}`)],
    ['contains a broken key', () => json({ keys: [{ ...keys.jwk, n: '!!' }] })],
    ['contains a short key', () => json({ keys: [{ ...keys.jwk, n: 'AQAB' }] })],
  ])('is reported as unavailable, without blaming the token, when it %s', async (_, respond) => {
    const { verify } = verifierWith(respond)
    expect(await verify(token, expected)).toEqual({ ok: false, reason: 'keys_unavailable' })
  })

  it('is fetched again immediately after a failure', async () => {
    let broken = true
    const { verify } = verifierWith(() => json({ keys: [keys.jwk] }, broken ? 503 : 200))
    expect(await verify(token, expected)).toEqual({ ok: false, reason: 'keys_unavailable' })
    broken = false
    expect(await verify(token, expected)).toMatchObject({ ok: true })
  })

  it('keeps verifying with its cached keys when it cannot be fetched again', async () => {
    let broken = false
    const { verify } = verifierWith(() => json({ keys: [keys.jwk] }, broken ? 503 : 200))
    await verify(token, expected)
    broken = true
    const unknown = await sign(keys, {}, { kid: 'key-2' })
    expect(await verify(unknown, at(6))).toEqual({ ok: false, reason: 'keys_unavailable' })
    expect(await verify(token, at(6))).toMatchObject({ ok: true })
  })
})
