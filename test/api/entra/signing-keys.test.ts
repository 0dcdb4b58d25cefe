import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { authorityOf } from '../../../api/entra/authority.ts'
import { PERSONAL_TENANT } from '../../../api/entra/clouds.ts'
import { json } from './stub.ts'
import {
  ANY_TENANT,
  CONTOSO,
  expected,
  FABRIKAM,
  HOST,
  issuer,
  type Keys,
  makeKeys,
  publishing,
  sign,
  verifierWith,
} from './tokens.ts'

let keys: Keys
let token: string
beforeAll(async () => {
  keys = await makeKeys()
  token = await sign(keys)
})
afterEach(() => {
  vi.useRealTimers()
})

/** Moves the clock of the key cache, which is jose's and reads the system's. */
const at = (minutes: number) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(expected.now.getTime() + minutes * 60_000)
}

describe('whom a key may speak for', () => {
  it.each<[string, unknown, boolean]>([
    ['any tenant', ANY_TENANT, true],
    ['this tenant', issuer(CONTOSO), true],
    ['everyone, as it does not say', undefined, true],
    ['another tenant', issuer(FABRIKAM), false],
    ['personal accounts', issuer(PERSONAL_TENANT), false],
    ['another cloud', 'https://login.microsoftonline.us/{tenantid}/v2.0', false],
    ['nobody', '', false],
    ['nothing that can be read', [ANY_TENANT], false],
    ['null', null, false],
  ])('%s', async (_, keyIssuer, ok) => {
    const { verify } = publishing({ ...keys.jwk, issuer: keyIssuer })
    const verdict = await verify(token, expected)
    expect(verdict).toMatchObject(ok ? { ok } : { ok, reason: 'key_issuer' })
  })

  it('personal accounts, when the token is of one', async () => {
    const { verify } = publishing({ ...keys.jwk, issuer: issuer(PERSONAL_TENANT) })
    const authority = authorityOf('global', 'common')
    const personal = await sign(keys, { tid: PERSONAL_TENANT, iss: issuer(PERSONAL_TENANT) })
    expect(await verify(personal, { ...expected, authority })).toMatchObject({ ok: true })
  })
})

describe('the key set', () => {
  it('may hold keys of kinds that are not used here, in any order', async () => {
    const other = await makeKeys('key-0')
    const odd = { kty: 'oct', k: 'AAAA', kid: 'key-9' }
    const { verify } = publishing(odd, other.jwk, keys.jwk)
    expect(await verify(token, expected)).toMatchObject({ ok: true })
  })

  it('that names two keys alike names none', async () => {
    const other = await makeKeys()
    const verdict = await publishing(keys.jwk, other.jwk).verify(token, expected)
    expect(verdict).toEqual({ ok: false, reason: 'unknown_key' })
    const ec = await makeKeys('key-1', 'ES256')
    expect(await publishing(keys.jwk, ec.jwk).verify(token, expected)).toEqual(verdict)
  })

  it('is not used when its key has no name, though it is the only one', async () => {
    const { kid: _, ...nameless } = keys.jwk
    const { verify } = publishing(nameless)
    const verdict = await verify(await sign(keys, {}, { kid: undefined }), expected)
    expect(verdict).toEqual({ ok: false, reason: 'unknown_key' })
  })

  it('is fetched once per authority for a day, without Origin and without redirects', async () => {
    at(0)
    const { verify, seen } = publishing(keys.jwk)
    const verify3 = async () => {
      for (let round = 0; round < 3; round++) {
        expect(await verify(token, expected)).toMatchObject({ ok: true })
      }
    }
    await verify3()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method: 'GET', init: { redirect: 'manual' } })
    expect(seen[0]?.headers.has('origin')).toBe(false)
    at(24 * 60 - 1)
    await verify3()
    expect(seen).toHaveLength(1)
    at(24 * 60 + 1)
    await verify3()
    expect(seen).toHaveLength(2)
    const authority = authorityOf('global', CONTOSO)
    await verify(token, { ...expected, authority })
    expect(seen.map(({ url }) => url).at(-1)).toBe(`${HOST}/${CONTOSO}/discovery/v2.0/keys`)
  })

  it('is asked again for a new key, at most once in five minutes', async () => {
    at(0)
    const next = await makeKeys('key-2')
    let published = [keys.jwk]
    const { verify, seen } = verifierWith(() => json({ keys: published }))
    await verify(token, expected)
    published = [keys.jwk, next.jwk]
    const rolled = await sign(next, {}, { kid: 'key-2' })
    for (let round = 0; round < 20; round++) {
      expect(await verify(rolled, expected)).toEqual({ ok: false, reason: 'unknown_key' })
    }
    at(4)
    expect(await verify(rolled, expected)).toEqual({ ok: false, reason: 'unknown_key' })
    expect(seen).toHaveLength(1)
    at(6)
    expect(await verify(rolled, expected)).toMatchObject({ ok: true })
    expect(seen).toHaveLength(2)
    for (let round = 0; round < 20; round++) {
      await verify(await sign(next, {}, { kid: `made-up-${round}` }), expected)
    }
    expect(seen).toHaveLength(2)
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['is refused by the network', () => Promise.reject(new Error('connection refused'))],
    ['never comes', () => new Promise(() => undefined)],
    [
      'stops in the middle',
      () => new Response(new ReadableStream(), { headers: { 'content-type': 'application/json' } }),
    ],
    ['is a server fault', () => json({ keys: [] }, 500)],
    ['is not there', () => json({ keys: [keys.jwk] }, 404)],
    ['is throttled', () => json({}, 429)],
    ['is a redirect', () => json({}, 302, { location: 'https://evil.example/keys' })],
    ['is HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['is truncated', () => json('{"keys":[')],
    ['is empty', () => json('')],
    ['is a list', () => json([keys.jwk])],
    ['is null', () => json('null')],
    ['has no keys member', () => json({})],
    ['has keys that are text', () => json({ keys: 'x' })],
    ['has keys that are no objects', () => json({ keys: ['x'] })],
    ['is 10 MB', () => json(`{"keys":[],"x":"${'x'.repeat(10_000_000)}"}`)],
    ['holds a broken key', () => json({ keys: [{ ...keys.jwk, n: '!!' }] })],
    ['holds a short key', () => json({ keys: [{ ...keys.jwk, n: 'AQAB' }] })],
  ])('that %s blames no token', async (_, respond) => {
    const { verify } = verifierWith(respond)
    expect(await verify(token, expected)).toEqual({ ok: false, reason: 'keys_unavailable' })
  })

  it('is tried again at once after a failure', async () => {
    let broken = true
    const { verify } = verifierWith(() => json({ keys: [keys.jwk] }, broken ? 503 : 200))
    expect(await verify(token, expected)).toEqual({ ok: false, reason: 'keys_unavailable' })
    broken = false
    expect(await verify(token, expected)).toMatchObject({ ok: true })
  })

  it('that cannot be asked for a new key leaves the known ones in use', async () => {
    at(0)
    let broken = false
    const { verify } = verifierWith(() => json({ keys: [keys.jwk] }, broken ? 503 : 200))
    await verify(token, expected)
    broken = true
    at(6)
    const unknown = await sign(keys, {}, { kid: 'key-2' })
    expect(await verify(unknown, expected)).toEqual({ ok: false, reason: 'keys_unavailable' })
    expect(await verify(token, expected)).toMatchObject({ ok: true })
  })

  it('may be asked for by many at once', async () => {
    const { verify } = publishing(keys.jwk)
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verify(token, expected)))
    expect(verdicts.every(({ ok }) => ok)).toBe(true)
  })
})
