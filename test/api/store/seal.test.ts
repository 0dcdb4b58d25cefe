import { describe, expect, it } from 'vitest'
import { KeyMissing, SealBroken } from '../../../api/model/sealing.ts'
import { createSealer } from '../../../api/store/seal.ts'

const key = (kid: string, byte: number) => ({ kid, key: new Uint8Array(32).fill(byte) })
const place = { table: 'grants', row: 'gr_1', column: 'refresh_token' }

describe('the seal', () => {
  it('opens what it closed, and shows nothing of it', async () => {
    const sealer = createSealer([key('a', 1)])
    const sealed = await sealer.seal('a canary ☂', place)
    expect(sealed).not.toContain('canary')
    expect(await sealer.open(sealed, place)).toBe('a canary ☂')
  })

  it('never makes the same ciphertext twice', async () => {
    const sealer = createSealer([key('a', 1)])
    const made = await Promise.all(Array.from({ length: 100 }, () => sealer.seal('same', place)))
    expect(new Set(made).size).toBe(100)
  })

  it.each([
    { ...place, table: 'mail_accounts' },
    { ...place, row: 'gr_2' },
    { ...place, column: 'access_token' },
  ])('does not open at another place: %o', async (elsewhere) => {
    const sealer = createSealer([key('a', 1)])
    const sealed = await sealer.seal('secret', place)
    await expect(sealer.open(sealed, elsewhere)).rejects.toThrow(SealBroken)
  })

  it('seals with the newest key and opens with any', async () => {
    const old = createSealer([key('a', 1)])
    const both = createSealer([key('b', 2), key('a', 1)])
    expect(await both.open(await old.seal('secret', place), place)).toBe('secret')
    const moved = await both.seal('secret', place)
    await expect(old.open(moved, place)).rejects.toThrow(KeyMissing)
  })

  it('names the key that is missing', async () => {
    const sealed = await createSealer([key('gone', 1)]).seal('secret', place)
    await expect(createSealer([key('b', 2)]).open(sealed, place)).rejects.toMatchObject({
      kid: 'gone',
    })
  })

  it('refuses a ciphertext with any one bit turned, whichever part it is in', async () => {
    const sealer = createSealer([key('a', 1)])
    const sealed = await sealer.seal('secret', place)
    for (let index = 0; index < sealed.length; index += 1) {
      const char = sealed[index] === 'A' ? 'B' : 'A'
      const turned = `${sealed.slice(0, index)}${char}${sealed.slice(index + 1)}`
      // The last characters of a base64url part may carry unused bits.
      const opened = await sealer.open(turned, place).catch((error: unknown) => error)
      if (opened !== 'secret')
        expect([SealBroken, KeyMissing]).toContain((opened as Error).constructor)
      else expect(['.', undefined]).toContain(sealed[index + 1])
    }
  })

  it.each(['', 'x', 'a.b.c.d.e', 'eyJhbGciOiJub25lIn0....'])(
    'refuses nonsense: %j',
    async (text) => {
      await expect(createSealer([key('a', 1)]).open(text, place)).rejects.toThrow(SealBroken)
    },
  )
})
