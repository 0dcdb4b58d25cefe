import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../checker/addresses.ts'
import { NOT_PUBLIC } from './hostile/hosts.ts'

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

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '52.97.1.1',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2603:1026:c03:48a8::2',
    '2a00:1450:4001:82f::200e',
    '2001:4860:4860::8888',
  ])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})
