import { CompactEncrypt, compactDecrypt } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { createEnvelope } from '../../checker/envelope.ts'
import type { KeyRing, RingKey } from '../../schema/settings.ts'
import { REPORT, REQUEST } from './hostile/messages.ts'

const newKey = (kid: string): RingKey => ({ kid, key: crypto.getRandomValues(new Uint8Array(32)) })
const NEW = newKey('new')
const OLD = newKey('old')
const RING: KeyRing = [NEW, OLD]

const NOW = new Date('2026-11-24T12:00:00Z')
const SECONDS = NOW.getTime() / 1000

type Change = { header?: Record<string, unknown>; body?: unknown; key?: RingKey }

async function seal({ header = {}, body = REQUEST, key = NEW }: Change = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new CompactEncrypt(body instanceof Uint8Array ? body : new TextEncoder().encode(text))
    .setProtectedHeader({
      alg: 'dir',
      enc: 'A256GCM',
      typ: 'probe+jwe',
      kid: key.kid,
      jti: crypto.randomUUID(),
      iat: SECONDS,
      exp: SECONDS + 30,
      ...header,
    })
    .encrypt(key.key)
}

const open = async (change: Change, now = NOW) =>
  createEnvelope(RING, () => now).open(await seal(change))

describe('a sealed request', () => {
  it('opens with the newest key and with an older one', async () => {
    expect(await open({})).toMatchObject({ ok: true, kid: 'new', request: REQUEST })
    expect(await open({ key: OLD })).toMatchObject({ ok: true, kid: 'old' })
  })

  it.each([
    ['key_1', 'new key_1'],
    [undefined, 'new'],
    ['two words', 'new'],
    [7, 'new'],
    ['x'.repeat(65), 'new'],
  ])('may name the caller for which it is made: %j counts as %j', async (sub, caller) => {
    expect(await open({ header: sub === undefined ? {} : { sub } })).toMatchObject({ caller })
  })

  it('may begin with a byte order mark, which parsers may ignore (RFC 8259 section 8.1)', async () => {
    expect(await open({ body: `\ufeff${JSON.stringify(REQUEST)}` })).toMatchObject({ ok: true })
  })

  it('opens once, also out of fifty concurrent attempts', async () => {
    const envelope = createEnvelope(RING, () => NOW)
    const sealed = await seal()
    const all = await Promise.all(Array.from({ length: 50 }, () => envelope.open(sealed)))
    expect(all.filter((opened) => opened.ok)).toHaveLength(1)
    expect(await envelope.open(sealed)).toMatchObject({ status: 401, reason: 'replayed' })
  })

  it('cannot be replayed within the clock skew after its expiry', async () => {
    let now = NOW
    const envelope = createEnvelope(RING, () => now)
    const sealed = await seal()
    await envelope.open(sealed)
    now = new Date(NOW.getTime() + 34_999)
    expect(await envelope.open(sealed)).toMatchObject({ reason: 'replayed' })
    now = new Date(NOW.getTime() + 35_000)
    expect(await envelope.open(sealed)).toMatchObject({ reason: 'expired' })
  })

  it.each([
    ['is sealed with another key of the same kid', { key: { ...newKey('new') } }, 'not_opened'],
    ['names a key that is not in the ring', { key: newKey('gone') }, 'not_opened'],
    ['names another key of the ring', { header: { kid: 'old' } }, 'not_opened'],
    ['has no jti', { header: { jti: undefined } }, 'bad_header'],
    ['has a short jti', { header: { jti: 'x'.repeat(15) } }, 'bad_header'],
    ['has a long jti', { header: { jti: 'x'.repeat(65) } }, 'bad_header'],
    ['has a jti that is a number', { header: { jti: 1234567890123456 } }, 'bad_header'],
    [
      'has a jti with a bad first character',
      { header: { jti: `\n${'x'.repeat(20)}` } },
      'bad_header',
    ],
    [
      'has a jti with a bad last character',
      { header: { jti: `${'x'.repeat(20)}\n` } },
      'bad_header',
    ],
    ['has a jti with odd characters', { header: { jti: 'x\n'.repeat(10) } }, 'bad_header'],
    ['is of another type', { header: { typ: 'report+jwe' } }, 'bad_header'],
    ['has no type', { header: { typ: undefined } }, 'bad_header'],
    ['has no iat', { header: { iat: undefined } }, 'bad_header'],
    ['has no exp', { header: { exp: undefined } }, 'bad_header'],
    ['has times that are strings', { header: { iat: '1', exp: '2' } }, 'bad_header'],
    ['expires before it was issued', { header: { exp: SECONDS - 1 } }, 'bad_header'],
    ['expires when it was issued', { header: { exp: SECONDS } }, 'bad_header'],
    ['is valid for more than 30 s', { header: { exp: SECONDS + 31 } }, 'bad_header'],
    ['is compressed', { header: { zip: 'DEF' } }, 'not_opened'],
    ['has expired', { header: { iat: SECONDS - 60, exp: SECONDS - 30 } }, 'expired'],
    ['comes from the future', { header: { iat: SECONDS + 6, exp: SECONDS + 30 } }, 'not_yet_valid'],
  ])('that %s is refused', async (_name, change: Change, reason) => {
    expect(await open(change)).toMatchObject({ ok: false, status: 401, reason })
  })

  it.each([
    ['sealed with a key of the ring', {}, 'x'.repeat(20)],
    ['sealed with another key', { key: newKey('new') }, null],
    ['with a malformed header', { header: { jti: 'x\n'.repeat(10) } }, null],
  ])(
    'that is refused has its jti logged only if it is valid: one %s',
    async (_name, change, jti) => {
      const late = new Date(NOW.getTime() + 60_000)
      const header = { jti: 'x'.repeat(20), ...('header' in change ? change.header : {}) }
      expect(await open({ ...change, header }, late)).toMatchObject({ ok: false, jti })
    },
  )

  it('may come from a clock that is 5 s off', async () => {
    expect((await open({ header: { iat: SECONDS + 5, exp: SECONDS + 30 } })).ok).toBe(true)
    expect((await open({}, new Date(NOW.getTime() + 34_000))).ok).toBe(true)
  })

  it.each([
    ['A256GCMKW', 'A256GCM'],
    ['A256GCMKW', 'A128CBC-HS256'],
  ])('with another algorithm is refused, even if the key allows it: %s, %s', async (alg, enc) => {
    const header = { typ: 'probe+jwe', kid: 'new', jti: crypto.randomUUID(), iat: SECONDS }
    const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(REQUEST)))
      .setProtectedHeader({ ...header, alg, enc, exp: SECONDS + 30 })
      .encrypt(NEW.key)
    const opened = await createEnvelope(RING, () => NOW).open(sealed)
    expect(opened).toMatchObject({ ok: false, status: 401, reason: 'not_opened' })
  })

  it.each(['', 'garbage', 'a.b.c.d.e', '....', '{}', 'eyJhbGciOiJkaXIifQ....'])(
    'that is %j is refused',
    async (text) => {
      const opened = await createEnvelope(RING, () => NOW).open(text)
      expect(opened).toEqual({ ok: false, status: 401, reason: 'not_opened', jti: null })
    },
  )

  it('with any bit flipped is refused', async () => {
    const sealed = await seal()
    const envelope = createEnvelope(RING, () => NOW)
    for (let at = 0; at < sealed.length; at += 7) {
      const char = sealed[at] === 'A' ? 'B' : 'A'
      if (sealed[at] === '.') continue
      const opened = await envelope.open(sealed.slice(0, at) + char + sealed.slice(at + 1))
      expect(opened.ok).toBe(false)
    }
    expect((await envelope.open(sealed)).ok).toBe(true)
  })

  it.each([
    ['text that is not JSON', 'garbage'],
    [
      'bytes that are not UTF-8',
      Buffer.from(JSON.stringify({ ...REQUEST, identity: '\xff' }), 'latin1'),
    ],
    ['a field of the wrong type', { ...REQUEST, host: 5 }],
    ['an unknown field', { ...REQUEST, verify: false }],
    ['control characters in the identity', { ...REQUEST, identity: 'a\u0001auth=Bearer x' }],
    [
      'a line break in the token',
      { ...REQUEST, credential: { ...REQUEST.credential, access_token: 'a\r\nb' } },
    ],
  ])('with %s in its body is a bad request', async (_name, body) => {
    expect(await open({ body })).toMatchObject({ ok: false, status: 400, reason: 'bad_request' })
  })
})

describe('the replay guard', () => {
  it('refuses new messages when full, and forgets expired ones', async () => {
    let now = NOW
    const envelope = createEnvelope(RING, () => now, 2)
    await envelope.open(await seal())
    await envelope.open(await seal())
    expect(await envelope.open(await seal())).toMatchObject({ status: 503, reason: 'memory_full' })
    now = new Date(NOW.getTime() + 35_000)
    const header = { iat: SECONDS + 35, exp: SECONDS + 65 }
    expect((await envelope.open(await seal({ header }))).ok).toBe(true)
  })

  it('accepts an id again once the message that used it has expired', async () => {
    let now = NOW
    const envelope = createEnvelope(RING, () => now)
    const jti = crypto.randomUUID()
    await envelope.open(await seal({ header: { jti } }))
    now = new Date(NOW.getTime() + 34_000)
    const early = await seal({ header: { jti, iat: SECONDS + 34, exp: SECONDS + 64 } })
    expect(await envelope.open(early)).toMatchObject({ reason: 'replayed', jti })
    now = new Date(NOW.getTime() + 35_000)
    expect((await envelope.open(early)).ok).toBe(true)
  })
})

describe('a sealed report', () => {
  it('carries the jti of the request and opens with the same key', async () => {
    const envelope = createEnvelope(RING, () => NOW)
    const sealed = await envelope.seal(REPORT, { kid: 'old', jti: 'the-request-it-answers' })
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, OLD.key)
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(REPORT)
    expect(protectedHeader).toMatchObject({
      typ: 'report+jwe',
      kid: 'old',
      jti: 'the-request-it-answers',
    })
    await expect(compactDecrypt(sealed, NEW.key)).rejects.toThrow()
  })

  it('cannot be sealed with a key that is not in the ring', async () => {
    const sealing = createEnvelope(RING, () => NOW).seal(REPORT, {
      kid: 'gone',
      jti: 'x'.repeat(20),
    })
    await expect(sealing).rejects.toThrow('no such key')
  })
})

describe('the keys', () => {
  it('cannot be exported', () => {
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    createEnvelope(RING, () => NOW)
    expect(importKey.mock.calls.map(([, , , extractable]) => extractable)).toEqual([false, false])
    importKey.mockRestore()
  })
})
