import { describe, expect, it } from 'vitest'
import { readRefusal } from '../../../api/entra/errors.ts'

describe('an error response', () => {
  it('has its number in error_codes, else in the description', () => {
    const fields = { error: 'invalid_grant', error_description: 'AADSTS70043: words' }
    expect(readRefusal({ ...fields, error_codes: [50173, 1] })?.aadsts).toBe(50173)
    expect(readRefusal(fields)?.aadsts).toBe(70043)
    for (const invalid of [[], ['50173'], [-1], [1.5], [1e12], '50173', null, [[50173]]]) {
      expect(readRefusal({ ...fields, error_codes: invalid })?.aadsts).toBe(70043)
    }
    expect(readRefusal({ error: 'invalid_grant', error_description: 'AADSTS: x' })?.aadsts).toBe(
      null,
    )
    expect(
      readRefusal({ error: 'invalid_grant', error_description: 'AADSTS12345678901' })?.aadsts,
    ).toBe(null)
    expect(readRefusal({ error: 'invalid_grant', error_description: 5 })?.aadsts).toBe(null)
  })

  it.each([undefined, null, '', 5, ['invalid_grant'], {}])(
    'is not recognised when error is %j',
    (error) => {
      expect(readRefusal({ error, error_codes: [50173] })).toBe(null)
    },
  )

  it('keeps claims only if they are a JSON object of limited size', () => {
    const claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}'
    const read = (value: unknown) => readRefusal({ error: 'x', claims: value })?.claims
    expect(read(claims)).toBe(claims)
    for (const invalid of [
      'nonsense',
      '"text"',
      '5',
      'null',
      '[1]',
      `{"a":"${'x'.repeat(5000)}"}`,
      {},
    ]) {
      expect(read(invalid)).toBe(null)
    }
  })
})
