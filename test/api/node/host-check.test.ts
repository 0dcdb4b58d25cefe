import { describe, expect, it } from 'vitest'
import { createOwnHost } from '../../../api/node/client-address.ts'

describe('a Host header', () => {
  it.each([
    ['https://mail.example.com', 'mail.example.com'],
    ['https://mail.example.com', 'MAIL.example.com'],
    ['https://mail.example.com', 'mail.example.com:443'],
    ['https://mail.example.com:8443', 'mail.example.com:8443'],
    ['https://mail.example.com', 'localhost:8787'],
    ['https://mail.example.com', '127.0.0.1:8787'],
    ['https://mail.example.com', '[::1]:8787'],
    ['http://localhost:9000', 'localhost:9000'],
    ['http://localhost', 'localhost'],
    ['http://localhost', 'localhost:80'],
  ])('of %s may be %s', (publicUrl, host) => {
    expect(createOwnHost(publicUrl, 8787)(host)).toBe(true)
  })

  it.each([
    'evil.example',
    'evil.example:8787',
    'mail.example.com:80',
    'mail.example.com:8787',
    'mail.example.com.evil.example',
    'mail.example.com.',
    'mail.example.com@evil.example',
    'localhost',
    'localhost:80',
    'localhost:87870',
    'localhost:8787:8787',
    'localhost.evil.example:8787',
    '127.0.0.2:8787',
    '2130706433:8787',
    '0.0.0.0:8787',
    '[::]:8787',
    '',
    ' ',
  ])('cannot be "%s"', (host) => {
    expect(createOwnHost('https://mail.example.com', 8787)(host)).toBe(false)
  })

  it('may omit port 80 if this server listens there', () => {
    expect(createOwnHost('https://mail.example.com', 80)('localhost')).toBe(true)
  })
})
