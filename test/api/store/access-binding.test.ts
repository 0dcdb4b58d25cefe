import { expect, it } from 'vitest'
import { hashSecret } from '../../../api/hash.ts'
import { createAccessBinder } from '../../../api/store/access-binding.ts'
import { createSealer } from '../../../api/store/seal.ts'
import type { KeyRing } from '../../../schema/settings.ts'
import { k1, k2 } from '../rotation.ts'

const binderOf = (ring: KeyRing, epoch = '1') => createAccessBinder(ring, epoch, createSealer(ring))

it('a keyed hash depends on its use, the key of the ring and the epoch', () => {
  const hash = binderOf([k1]).hash('sign-in link', 'text')
  expect(binderOf([k1]).matches('sign-in link', 'text', hash)).toBe(true)
  expect(binderOf([k2, k1]).matches('sign-in link', 'text', hash)).toBe(true)
  expect(binderOf([k1]).matches('sign-in status', 'text', hash)).toBe(false)
  expect(binderOf([k2]).matches('sign-in link', 'text', hash)).toBe(false)
  expect(binderOf([k1], '2').matches('sign-in link', 'text', hash)).toBe(false)
  expect(binderOf([k1]).matches('sign-in link', 'text', null)).toBe(false)
  expect(binderOf([k1]).matches('sign-in link', 'text', hashSecret('text'))).toBe(false)
})
