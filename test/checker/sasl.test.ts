import { describe, expect, it } from 'vitest'
import { isServerError, parseChallenge, plain, xoauth2 } from '../../checker/sasl.ts'

const encode = (value: unknown) => btoa(JSON.stringify(value))

describe('an initial response', () => {
  it('matches the XOAUTH2 example in the Exchange Online documentation', () => {
    expect(
      xoauth2('test@contoso.onmicrosoft.com', 'EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA'),
    ).toBe(
      'dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ==',
    )
  })

  it('matches the PLAIN example in RFC 4616, without authorization identity', () => {
    expect(plain('tim', 'tanstaaftanstaaf')).toBe('AHRpbQB0YW5zdGFhZnRhbnN0YWFm')
  })
})

describe('an error challenge', () => {
  it.each([
    [encode({ status: '401', schemes: 'Bearer', scope: 'x' }), '401'],
    [encode({ status: 400 }), '400'],
  ])('is parsed: %s', (challenge, status) => {
    expect(parseChallenge(challenge)).toContain(status)
  })

  it('is shortened to ten top-level values, without nested ones', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, 'x']))
    const shortened = JSON.parse(parseChallenge(encode({ deep: { er: ['x'] }, ...many })) ?? '')
    expect(Object.keys(shortened)).toHaveLength(10)
    expect(shortened).not.toHaveProperty('deep')
  })

  it.each([
    ['', null],
    [btoa('try again'), 'try again'],
    [encode(null), null],
    [encode({ deep: {} }), null],
  ])('%j becomes %j', (challenge, text) => {
    expect(parseChallenge(challenge)).toBe(text)
  })

  it.each(['internal_failure', 'server_error', 'temporarily_unavailable', '500', 503])(
    'of %s is a server error',
    (status) => {
      expect(isServerError(parseChallenge(encode({ status })))).toBe(true)
    },
  )

  it.each(['401', '400', 'invalid_token', 'insufficient_scope', '5000', 'no_server_error'])(
    'of %s concerns the token',
    (status) => {
      expect(isServerError(parseChallenge(encode({ status, schemes: '500' })))).toBe(false)
      expect(isServerError(null)).toBe(false)
    },
  )
})
