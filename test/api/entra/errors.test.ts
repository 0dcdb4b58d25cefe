import { describe, expect, it } from 'vitest'
import { aadstsCodes } from '../../../api/entra/aadsts.ts'
import {
  type EntraFailure,
  effectOnGrant,
  explain,
  type RefusalFields,
  readRefusal,
} from '../../../api/entra/errors.ts'

const refused = (fields: RefusalFields): EntraFailure => {
  const refusal = readRefusal(fields)
  if (!refusal) throw new Error('not an error answer')
  return { kind: 'refused', refusal }
}
const code = (aadsts: number, error = 'invalid_grant') =>
  refused({ error, error_codes: [aadsts], error_description: `AADSTS${aadsts}: words.` })

describe('an error answer', () => {
  it('gives its number from error_codes, and else from the description', () => {
    const fields = { error: 'invalid_grant', error_description: 'AADSTS70043: words' }
    expect(readRefusal({ ...fields, error_codes: [50173, 1] })?.aadsts).toBe(50173)
    expect(readRefusal(fields)?.aadsts).toBe(70043)
    for (const odd of [[], ['50173'], [-1], [1.5], [1e12], '50173', null, [[50173]]]) {
      expect(readRefusal({ ...fields, error_codes: odd })?.aadsts).toBe(70043)
    }
    expect(readRefusal({ error: 'invalid_grant', error_description: 'AADSTS: x' })?.aadsts).toBe(
      null,
    )
    expect(
      readRefusal({ error: 'invalid_grant', error_description: 'AADSTS12345678901' })?.aadsts,
    ).toBe(null)
    expect(readRefusal({ error: 'invalid_grant', error_description: 5 })?.aadsts).toBe(null)
  })

  it.each([undefined, null, '', 5, ['invalid_grant'], {}])('is none when error is %j', (error) => {
    expect(readRefusal({ error, error_codes: [50173] })).toBe(null)
  })

  it('keeps claims only when they are a bounded JSON object', () => {
    const claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}'
    const read = (value: unknown) => readRefusal({ error: 'x', claims: value })?.claims
    expect(read(claims)).toBe(claims)
    for (const odd of [
      'nonsense',
      '"text"',
      '5',
      'null',
      '[1]',
      `{"a":"${'x'.repeat(5000)}"}`,
      {},
    ]) {
      expect(read(odd)).toBe(null)
    }
  })
})

describe('what a failed refresh means for the grant', () => {
  it.each<EntraFailure>([
    { kind: 'unreachable' },
    { kind: 'timeout' },
    { kind: 'throttled', retryAfter: 60, aadsts: 50196 },
    { kind: 'unavailable', status: 503, retryAfter: null, aadsts: null },
    { kind: 'nonsense', status: 200, what: 'not_json' },
    refused({ error: 'temporarily_unavailable' }),
    refused({ error: 'server_error' }),
    refused({ error: 'something_new' }),
    refused({ error: '<b>' }),
    // Names of object members are no table entries.
    refused({ error: 'constructor', suberror: 'toString' }),
    // "Later" beats any number.
    code(50173, 'temporarily_unavailable'),
  ])('is never more than a pause after %j', (failure) => {
    expect(effectOnGrant(failure)).toBe('cool_down')
  })

  it.each([
    ['cool_down', [50196, 90055, 90033, 90012, 50000, 70012]],
    ['suspect', [70000]],
    [
      'reconnect',
      [50173, 70008, 700082, 700084, 70043, 50076, 50079, 50074, 50078, 50055, 50144, 65001, 65004],
    ],
    ['block', [53003, 53000, 53001, 53002, 50105, 50057, 90094, 90095, 530032, 1000031, 650052]],
    ['block', [90002, 50194, 70011, 28000, 50011, 9002326]],
    ['block', [500112, 7000229]],
    // Nobody's signing in again helps: an admin must act, or the settings are wrong.
    ['block', [5000224, 5000225, 900021, 900023]],
    [
      'credential_rejected',
      [7000215, 7000222, 700027, 700024, 50012, 7000218, 700016, 7000112, 1000502],
    ],
    ['credential_rejected', [7000214, 7000274, 7000277]],
  ] as const)('is %s for AADSTS %j, whatever error stands beside it', (effect, numbers) => {
    for (const number of numbers) {
      expect([number, effectOnGrant(code(number))]).toEqual([number, effect])
      expect([number, effectOnGrant(code(number, 'invalid_client'))]).toEqual([number, effect])
    }
  })

  it.each([
    ['invalid_grant', undefined, 'reconnect'],
    ['invalid_grant', 'bad_token', 'suspect'],
    ['invalid_grant', 'message_only', 'block'],
    ['invalid_grant', 'basic_action', 'reconnect'],
    ['invalid_grant', 'user_password_expired', 'reconnect'],
    ['interaction_required', undefined, 'reconnect'],
    ['consent_required', undefined, 'reconnect'],
    ['invalid_client', undefined, 'credential_rejected'],
    ['unauthorized_client', undefined, 'credential_rejected'],
    ['invalid_request', undefined, 'block'],
    ['invalid_scope', undefined, 'block'],
  ])(
    'is read from %s and suberror %s for a number that is not known: %s',
    (error, suberror, effect) => {
      expect(effectOnGrant(refused({ error, suberror, error_codes: [9_999_999] }))).toBe(effect)
      expect(effectOnGrant(refused({ error, suberror }))).toBe(effect)
    },
  )

  it.each([
    [53003, 'basic_action', 'block'],
    [50173, 'bad_token', 'reconnect'],
    [50076, 'message_only', 'reconnect'],
    [70000, 'consent_required', 'suspect'],
  ])('of AADSTS%d is not changed by suberror %s', (aadsts, suberror, effect) => {
    const failure = refused({ error: 'invalid_grant', error_codes: [aadsts], suberror })
    expect(effectOnGrant(failure)).toBe(effect)
  })

  it('of AADSTS700023 is read from the error beside it: the signed proof, or the scope', () => {
    expect(effectOnGrant(code(700023, 'invalid_client'))).toBe('credential_rejected')
    expect(effectOnGrant(code(700023, 'invalid_scope'))).toBe('block')
    expect(explain(code(700023, 'invalid_client'))).toContain('signed proof')
  })

  it('names who can act', () => {
    const subject = (aadsts: number) => readRefusal({ error: 'x', error_codes: [aadsts] })?.subject
    expect(subject(50076)).toBe('user')
    expect(subject(53003)).toBe('tenant_admin')
    expect(subject(5000225)).toBe('tenant_admin')
    expect(subject(650057)).toBe('app')
    // Seen beside `invalid_client`, which is usually about the credential.
    expect(subject(7000229)).toBe('tenant_admin')
    expect(subject(1000502)).toBe('credential')
    expect(subject(7000215)).toBe('credential')
    expect(subject(70011)).toBe('request')
  })
})

describe('the explanation', () => {
  it('is one sentence with what to do and the number', () => {
    expect(explain(code(50173))).toBe(
      'The sign-in was revoked, or the password was reset: sign in again (AADSTS50173).',
    )
    expect(explain({ kind: 'throttled', retryAfter: 5, aadsts: 50196 })).toContain('(AADSTS50196)')
    expect(explain({ kind: 'timeout' })).toBe(
      "Microsoft's sign-in service did not answer in time: it is tried again by itself.",
    )
  })

  it('keeps the number that is not known, and no word of the answer', () => {
    const failure = refused({
      error: 'invalid_grant',
      error_codes: [4_242_424],
      error_description: 'AADSTS4242424: Words of Microsoft.',
    })
    expect(explain(failure)).toBe(
      'Microsoft does not accept the sign-in any more: sign in again (AADSTS4242424).',
    )
  })

  it('can be said for every number of the table', () => {
    expect(aadstsCodes.size).toBeGreaterThan(100)
    for (const number of aadstsCodes.keys()) {
      const sentence = explain(code(number))
      expect(sentence).toMatch(/^[A-Z][^\n.]{20,200}\(AADSTS\d+\)\.$/)
      expect(sentence).toContain(`(AADSTS${number})`)
    }
  })
})
