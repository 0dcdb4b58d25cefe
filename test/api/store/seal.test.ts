import { Buffer } from 'node:buffer'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { KeyMissing, SealBroken } from '../../../api/model/storage.ts'
import { createSealer } from '../../../api/store/seal.ts'

const key = (kid: string, byte: number) => ({ kid, key: new Uint8Array(32).fill(byte) })
const context = { table: 'grants', row: 'gr_1', column: 'refresh_token' }

describe('the sealer', () => {
  it('opens what it sealed and hides the plaintext', async () => {
    const sealer = createSealer([key('a', 1)])
    const sealed = await sealer.seal('a canary ☂', context)
    expect(sealed).not.toContain('canary')
    expect(await sealer.open(sealed, context)).toBe('a canary ☂')
  })

  it('never makes the same ciphertext twice', async () => {
    const sealer = createSealer([key('a', 1)])
    const made = await Promise.all(Array.from({ length: 100 }, () => sealer.seal('same', context)))
    expect(new Set(made).size).toBe(100)
  })

  it.each([
    { ...context, table: 'mail_accounts' },
    { ...context, row: 'gr_2' },
    { ...context, column: 'access_token' },
  ])('does not open in another context: %o', async (otherContext) => {
    const sealer = createSealer([key('a', 1)])
    const sealed = await sealer.seal('secret', context)
    await expect(sealer.open(sealed, otherContext)).rejects.toThrow(SealBroken)
  })

  it('seals with the newest key and opens with any', async () => {
    const old = createSealer([key('a', 1)])
    const both = createSealer([key('b', 2), key('a', 1)])
    expect(await both.open(await old.seal('secret', context), context)).toBe('secret')
    const resealed = await both.seal('secret', context)
    await expect(old.open(resealed, context)).rejects.toThrow(KeyMissing)
  })

  it('reports the missing key', async () => {
    const sealed = await createSealer([key('gone', 1)]).seal('secret', context)
    await expect(createSealer([key('b', 2)]).open(sealed, context)).rejects.toMatchObject({
      kid: 'gone',
    })
  })

  it('refuses a ciphertext with any one character changed', async () => {
    const sealer = createSealer([key('a', 1)])
    const sealed = await sealer.seal('secret', context)
    for (let index = 0; index < sealed.length; index += 1) {
      const char = sealed[index] === 'A' ? 'B' : 'A'
      const changed = `${sealed.slice(0, index)}${char}${sealed.slice(index + 1)}`
      // The last character of a base64url part can have unused bits, so changing it might change nothing.
      const opened = await sealer.open(changed, context).catch((error: unknown) => error)
      if (opened !== 'secret')
        expect([SealBroken, KeyMissing]).toContain((opened as Error).constructor)
      else expect(['.', undefined]).toContain(sealed[index + 1])
    }
  })

  it.each(['', 'x', 'a.b.c.d.e', 'eyJhbGciOiJub25lIn0....'])(
    'refuses malformed text: %j',
    async (text) => {
      await expect(createSealer([key('a', 1)]).open(text, context)).rejects.toThrow(SealBroken)
    },
  )
})

describe('a ciphertext', () => {
  const bytes = (text = '') => Buffer.from(text, 'base64url')
  const text = (data: Uint8Array) => Buffer.from(data).toString('base64url')

  it.each<[string, (parts: string[]) => string[]]>([
    [
      'a shortened tag',
      ([h = '', k = '', iv = '', c = '', tag]) => [h, k, iv, c, text(bytes(tag).subarray(0, 12))],
    ],
    ['no tag', ([h = '', k = '', iv = '', c = '']) => [h, k, iv, c, '']],
    [
      'a longer IV',
      ([h = '', k = '', iv, ...rest]) => [
        h,
        k,
        text(Buffer.concat([bytes(iv), bytes('AAAA')])),
        ...rest,
      ],
    ],
    ['an encrypted key', ([h = '', , ...rest]) => [h, 'AAAA', ...rest]],
    ['another part', (parts) => [...parts, 'AAAA']],
    ['a part less', (parts) => parts.slice(0, 4)],
  ])('with %s is refused', async (_, change) => {
    const sealer = createSealer([key('a', 1)])
    const changed = change((await sealer.seal('secret', context)).split('.')).join('.')
    await expect(sealer.open(changed, context)).rejects.toThrow(SealBroken)
  })

  it.each(['tbl', 'row', 'col'])('whose %s has no text is refused', async (name) => {
    const header = { kid: 'a', alg: 'dir', enc: 'A256GCM', [name]: { toString: null } }
    const [, ...rest] = (await createSealer([key('a', 1)]).seal('secret', context)).split('.')
    const forged = [text(Buffer.from(JSON.stringify(header))), ...rest].join('.')
    await expect(createSealer([key('a', 1)]).open(forged, context)).rejects.toThrow(SealBroken)
  })

  it.each([
    { alg: 'A256GCMKW', enc: 'A256GCM' },
    { alg: 'dir', enc: 'A128CBC-HS256' },
  ])('by another algorithm is refused: %o', async (algorithms) => {
    const sealed = await new CompactEncrypt(new TextEncoder().encode('secret'))
      .setProtectedHeader({
        kid: 'a',
        tbl: 'grants',
        row: 'gr_1',
        col: 'refresh_token',
        ...algorithms,
      })
      .encrypt(new Uint8Array(32).fill(1))
    await expect(createSealer([key('a', 1)]).open(sealed, context)).rejects.toThrow(SealBroken)
  })

  it.each(['', 's', 'se', 'secret ☂', 'x'.repeat(5000)])(
    'is a JWE that any library opens: %j',
    async (secret) => {
      const sealed = await createSealer([key('a', 1)]).seal(secret, context)
      const { plaintext } = await compactDecrypt(sealed, new Uint8Array(32).fill(1))
      expect(new TextDecoder().decode(plaintext)).toBe(secret)
    },
  )
})

describe('the keys of the sealer', () => {
  it('must be 256 bits long; a shorter one is an error of its own, not a damaged ciphertext', async () => {
    const sealed = await createSealer([key('a', 1)]).seal('secret', context)
    const short = createSealer([{ kid: 'a', key: new Uint8Array(16).fill(1) }])
    await expect(short.open(sealed, context)).rejects.toThrow(/key length/i)
    await expect(short.seal('secret', context)).rejects.toThrow(/key length/i)
  })
})
