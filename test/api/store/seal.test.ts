import { describe, expect, it, vi } from 'vitest'
import { KeyMissing, SealBroken } from '../../../api/model/sealing.ts'
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

  it('names the missing key', async () => {
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
      // The last characters of a base64url part may carry unused bits.
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

describe('the keys of the sealer', () => {
  it('are imported once each, and cannot be exported', async () => {
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    try {
      const sealed = await createSealer([key('a', 1)]).seal('secret', context)
      const sealer = createSealer([key('b', 2), key('a', 1)])
      importKey.mockClear()
      for (let round = 0; round < 3; round += 1) {
        expect(await sealer.open(sealed, context)).toBe('secret')
        await sealer.seal('secret', context)
      }
      const extractable = importKey.mock.calls.map((args) => args[3])
      expect(extractable).toEqual([false, false])
    } finally {
      importKey.mockRestore()
    }
  })

  it('must be 256 bits long; a shorter one is an error of its own, not a damaged ciphertext', async () => {
    const sealed = await createSealer([key('a', 1)]).seal('secret', context)
    const short = createSealer([{ kid: 'a', key: new Uint8Array(16).fill(1) }])
    await expect(short.open(sealed, context)).rejects.toThrow(TypeError)
    await expect(short.seal('secret', context)).rejects.toThrow(TypeError)
  })
})
