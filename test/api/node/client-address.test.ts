import { describe, expect, it } from 'vitest'
import { clientAddress, createAddressList } from '../../../api/node/client-address.ts'

const trusted = createAddressList(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1'])

describe('the address of a client', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    [undefined, 'unknown'],
  ])('is that of the socket: %s', (socket, expected) => {
    expect(clientAddress(socket, undefined, trusted)).toBe(expected)
    expect(clientAddress(socket, '198.51.100.1', null)).toBe(expected)
  })

  it.each([
    ['a caller that is no proxy', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['a neighbour of the range', '11.0.0.1', '198.51.100.1', '11.0.0.1'],
    ['a proxy', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a proxy on a socket for both families', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a proxy with IPv6', 'fd12::1', '2001:db8::7', '2001:db8::7'],
    ['two proxies', '10.0.0.1', '198.51.100.1, 192.0.2.1', '198.51.100.1'],
    ['two proxies without spaces', '10.0.0.1', '198.51.100.1,192.0.2.1', '198.51.100.1'],
    ['an invented entry', '10.0.0.1', '127.0.0.1, 198.51.100.1', '198.51.100.1'],
    ['an invented proxy', '10.0.0.1', '127.0.0.1, 10.0.0.9, 198.51.100.1', '198.51.100.1'],
    ['proxies only', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['a port', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['IPv6 with a port', '10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['IPv6 in brackets', '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['another spelling', '10.0.0.1', '2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['an IPv4 address as IPv6', '10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['a proxy as IPv6', '10.0.0.1', '198.51.100.1, ::ffff:10.0.0.2', '198.51.100.1'],
    ['an empty header', '10.0.0.1', '', '10.0.0.1'],
  ])('with %s', (_name, socket, forwarded, expected) => {
    expect(clientAddress(socket, forwarded, trusted)).toBe(expected)
  })

  it.each([
    'unknown',
    '_hidden',
    '"198.51.100.1"',
    '198.51.100.1:x',
    '198.51.100.01',
    'for=198.51.100.1',
    '0x7f.1',
    '127.1',
    '[198.51.100.1',
    '198.51.100.1/24',
  ])('ends at the proxy that passed on %s', (garbage) => {
    const forwarded = `198.51.100.1, ${garbage}, 10.0.0.2`
    expect(clientAddress('10.0.0.1', forwarded, trusted)).toBe('10.0.0.2')
  })
})
