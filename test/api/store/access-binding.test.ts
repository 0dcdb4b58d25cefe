import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../../api/hash.ts'
import { createAccessBinder } from '../../../api/store/access-binding.ts'
import { createSealer } from '../../../api/store/seal.ts'
import type { KeyRing } from '../../../schema/settings.ts'

const key = (kid: string, byte: number) => ({ kid, key: new Uint8Array(32).fill(byte) })
const [a, b] = [key('a', 1), key('b', 2)]
const context = { table: 'api_keys', row: 'key_1', column: 'secret_hash' }
const SECRET = hashSecret('a secret')

const binderOf = (ring: KeyRing, epoch = '1') => createAccessBinder(ring, epoch, createSealer(ring))

describe('a binding', () => {
  it('is intact for the rights and the epoch that it was made with, and for no others', async () => {
    const binder = binderOf([a])
    const sealed = await binder.seal(SECRET, context, [['read'], null])
    const intact = { secretHash: SECRET, isIntact: true }
    // Twice each, since what was opened is remembered.
    for (let times = 0; times < 2; times += 1) {
      expect(await binder.open(sealed, context, [['read'], null])).toEqual(intact)
      for (const rights of [[['admin'], null], [['read'], 'null'], [['read']]]) {
        const opened = await binder.open(sealed, context, rights)
        expect(opened).toEqual({ ...intact, isIntact: false })
      }
      expect(await binder.open(sealed, { ...context, row: 'key_2' }, [['read'], null])).toBeNull()
    }
    const later = await binderOf([a], '2').open(sealed, context, [['read'], null])
    expect(later).toEqual({ ...intact, isIntact: false })
  })

  it('stays what it was when the maintenance encrypts it again, intact or not', async () => {
    const sealed = await binderOf([a]).seal(SECRET, context, [['read']])
    const again = await createSealer([b, a]).reencrypt(sealed)
    const binder = binderOf([b])
    expect(await binder.open(again, context, [['read']])).toMatchObject({ isIntact: true })
    expect(await binder.open(again, context, [['admin']])).toMatchObject({ isIntact: false })
  })

  it('is opened correctly, however many were opened before', async () => {
    const binder = binderOf([a])
    const long = (index: number) => [index, 'x'.repeat(100_000)]
    const sealed = await binder.seal(SECRET, context, long(0))
    for (let index = 0; index < 50; index += 1) {
      expect(await binder.open(sealed, context, long(index))).toMatchObject({
        isIntact: index === 0,
      })
    }
    expect(await binder.open(sealed, context, long(0))).toMatchObject({ isIntact: true })
  })
})

describe('a keyed hash', () => {
  it('depends on its use, the key of the ring and the epoch', () => {
    const hash = binderOf([a]).hash('sign-in link', 'text')
    expect(binderOf([a]).matches('sign-in link', 'text', hash)).toBe(true)
    expect(binderOf([b, a]).matches('sign-in link', 'text', hash)).toBe(true)
    expect(binderOf([a]).matches('sign-in status', 'text', hash)).toBe(false)
    expect(binderOf([b]).matches('sign-in link', 'text', hash)).toBe(false)
    expect(binderOf([a], '2').matches('sign-in link', 'text', hash)).toBe(false)
    expect(binderOf([a]).matches('sign-in link', 'text', null)).toBe(false)
    expect(binderOf([a]).matches('sign-in link', 'text', hashSecret('text'))).toBe(false)
  })

  it('is looked for under the four newest keys, with as many values for every ring', () => {
    const lookups = (ring: KeyRing) =>
      Object.values(binderOf(ring).lookupHashes('console session', 'id'))
    expect(lookups([a])).toHaveLength(4)
    const ring = [a, b, key('c', 3), key('d', 4), key('e', 5)] as const
    expect(new Set(lookups(ring)).size).toBe(4)
    expect(lookups(ring)).not.toContain(binderOf([ring[4]]).hash('console session', 'id'))
    expect(lookups(ring)).toContain(binderOf([ring[3]]).hash('console session', 'id'))
  })
})
