import { describe, expect, it } from 'vitest'
import { judgeLiteral } from '../../../../api/domain/mail-accounts/ip-literals.ts'
import { NOT_PUBLIC, PUBLIC } from '../../../checker/hostile/hosts.ts'

describe('judgeLiteral', () => {
  it.each([...PUBLIC, '3FFE::1'])('judges %s as public, like the checker', (host) =>
    expect(judgeLiteral(host)).toBe('public'),
  )

  it.each(NOT_PUBLIC)('judges %s as special, like the checker', (host) =>
    expect(judgeLiteral(host)).toBe('special'),
  )

  it.each([
    'mail.example.org',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    '0x7f.0.0.1',
    '127.1',
    '[::1]',
    '::1%lo',
    ':::',
    '1::2::3',
    '12345::1',
    'dead:beef',
    '',
  ])('does not recognise %j as an address', (host) => expect(judgeLiteral(host)).toBeNull())
})
