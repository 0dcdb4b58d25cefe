import { describe, expect, it } from 'vitest'
import { PlainAddress } from '../../schema/plain-address.ts'

const accepts = (address: string) => PlainAddress.safeParse(address).success

describe('a plain address', () => {
  it.each([
    'bob@contoso.com',
    "o'neill+test@mail.contoso.co.uk",
    'a.b.c@x-y.example',
    '#/{|}~!$%&*=?^_`-@contoso.com',
    'root@localhost',
    'bob@xn--bcher-kva.example',
    `${'a'.repeat(64)}@contoso.com`,
    `a@${`${'b'.repeat(61)}.`.repeat(4)}com`,
  ])('may be %s', (address) => {
    expect(accepts(address)).toBe(true)
  })

  it.each([
    ['a line break at its end', 'bob@contoso.com\n'],
    ['a line break before it', '\r\nbob@contoso.com'],
    ['a header after it', 'bob@contoso.com\r\nBcc: eve@evil.example'],
    ['a bare CR', 'bob@contoso.com\reve'],
    ['a line break in the local part', 'bo\r\nb@contoso.com'],
    ['a NUL', 'bob@contoso.com\0'],
    ['another line separator', 'bob\u2028@contoso.com'],
    ['a command', 'bob@contoso.com> SIZE=1'],
    ['angle brackets', '<bob@contoso.com>'],
    ['a display name', 'Bob <bob@contoso.com>'],
    ['quotes', '"bob"@contoso.com'],
    ['a quoted space', '"bob smith"@contoso.com'],
    ['a backslash', 'bob\\@contoso.com'],
    ['a blank', 'bob smith@contoso.com'],
    ['a blank at its end', 'bob@contoso.com '],
    ['a tab', 'bob\t@contoso.com'],
    ['a comment', 'bob(x)@contoso.com'],
    ['two addresses', 'bob@contoso.com,eve@evil.example'],
    ['a list with semicolons', 'bob@contoso.com;eve@evil.example'],
    ['a source route', '@evil.example:bob@contoso.com'],
    ['two at signs', 'bob@evil.example@contoso.com'],
    ['a group', 'group:bob@contoso.com;'],
    ['letters outside ASCII', 'jürgen@contoso.com'],
    ['a domain outside ASCII', 'bob@bücher.example'],
    ['a full-width at sign', 'bob＠contoso.com'],
    ['an encoded word', '=?utf-8?q?bob?=@contoso.com '],
    ['an address literal', 'bob@[127.0.0.1]'],
    ['an IP address', 'bob@127.0.0.1'],
    ['two dots', 'bob..smith@contoso.com'],
    ['a dot at the start', '.bob@contoso.com'],
    ['a dot before the at sign', 'bob.@contoso.com'],
    ['an empty label', 'bob@contoso..com'],
    ['a dot at the end', 'bob@contoso.com.'],
    ['a hyphen at the start of a label', 'bob@-contoso.com'],
    ['no domain', 'bob@'],
    ['no local part', '@contoso.com'],
    ['nothing', ''],
    ['a long local part', `${'a'.repeat(65)}@contoso.com`],
    ['a long label', `bob@${'a'.repeat(64)}.com`],
    ['a long domain', `bob@${'a.'.repeat(130)}com`],
  ])('must not have %s', (_what, address) => {
    expect(accepts(address)).toBe(false)
  })

  it('is judged in a moment, however long', () => {
    const started = performance.now()
    expect(accepts(`${'a.'.repeat(100_000)}@`)).toBe(false)
    expect(accepts(`a@${'a-'.repeat(100_000)}`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
