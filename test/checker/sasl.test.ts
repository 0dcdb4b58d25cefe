import { describe, expect, it } from 'vitest'
import { plain, readChallenge, saysServerTrouble, xoauth2 } from '../../checker/sasl.ts'

const encode = (value: unknown) => btoa(JSON.stringify(value))

describe('what is sent', () => {
  it('is the XOAUTH2 message of the example in the documentation of Exchange Online', () => {
    expect(
      xoauth2('test@contoso.onmicrosoft.com', 'EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA'),
    ).toBe(
      'dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ==',
    )
  })

  it('is the PLAIN message of the example in RFC 4616, with no authorization identity', () => {
    expect(plain('tim', 'tanstaaftanstaaf')).toBe('AHRpbQB0YW5zdGFhZnRhbnN0YWFm')
  })
})

describe('an error challenge', () => {
  it.each([
    [encode({ status: '401', schemes: 'Bearer', scope: 'x' }), '401'],
    [encode({ status: 400 }), '400'],
  ])('is read: %s', (challenge, status) => {
    expect(readChallenge(challenge)).toContain(status)
  })

  it('is kept short: ten plain values of the top, nothing nested', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, 'x']))
    const kept = JSON.parse(readChallenge(encode({ deep: { er: ['x'] }, ...many })) ?? '')
    expect(Object.keys(kept)).toHaveLength(10)
    expect(kept).not.toHaveProperty('deep')
  })

  it.each([
    ['', null],
    [btoa('try again'), 'try again'],
    [encode(null), null],
    [encode({ deep: {} }), null],
  ])('%j is %j', (challenge, text) => {
    expect(readChallenge(challenge)).toBe(text)
  })

  it.each(['internal_failure', 'server_error', 'temporarily_unavailable', '500', '503'])(
    'of %s is trouble of the server',
    (status) => {
      expect(saysServerTrouble(readChallenge(encode({ status })))).toBe(true)
    },
  )

  it.each(['401', '400', 'invalid_token', 'insufficient_scope', '5000', 'no_server_error'])(
    'of %s is about the token',
    (status) => {
      expect(saysServerTrouble(readChallenge(encode({ status })))).toBe(false)
      expect(saysServerTrouble(null)).toBe(false)
    },
  )
})
