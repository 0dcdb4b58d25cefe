import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../checker/dial.ts'
import { NOT_PUBLIC, PUBLIC } from './hostile/hosts.ts'

describe('an address on the public internet', () => {
  it.each(NOT_PUBLIC)('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['localhost', '', '1.2.3', '0x7f.0.0.1', '2130706433', 'fe80::1%eth0', '2a00::1%1'])(
    'is not "%s", which is no plain address',
    (text) => {
      expect(isPublicAddress(text)).toBe(false)
    },
  )

  it.each(PUBLIC)('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})
