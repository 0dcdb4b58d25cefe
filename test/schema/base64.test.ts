import { expect, it } from 'vitest'
import {
  decodeBase64,
  decodeBase64UrlText,
  encodeBase64,
  encodeBase64Url,
} from '../../schema/base64.ts'

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

it('encodes bytes and UTF-8 as Node does', () => {
  for (const length of [0, 1, 2, 3, 256]) {
    const bytes = everyByte.slice(0, length)
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
  }
  for (const text of ['user=a\x01auth=Bearer x\x01\x01', '\0\x7f', '\x80', 'ÿ']) {
    expect(encodeBase64(text)).toBe(Buffer.from(text).toString('base64'))
  }
  expect(encodeBase64('jürgen@contoso.test')).toBe('asO8cmdlbkBjb250b3NvLnRlc3Q=')
})

it('decodes what it encoded', () => {
  expect(decodeBase64(encodeBase64(everyByte))).toEqual(everyByte)
  expect(decodeBase64UrlText(encodeBase64Url('ü>?~ 日本'))).toBe('ü>?~ 日本')
  expect(decodeBase64UrlText(encodeBase64('ü>?~ 日本'))).toBe('ü>?~ 日本')
})

it('throws for text that is not base64', () => {
  expect(() => decodeBase64('a-b_')).toThrow()
  expect(() => decodeBase64UrlText('a*b')).toThrow()
})
