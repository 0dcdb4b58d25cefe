import { describe, expect, it } from 'vitest'
import { aadstsCodes, enhancedCodes, oauthErrors } from '../../../../api/diagnosis/parse/codes.ts'
import { meaningOfCode } from '../../../../api/diagnosis/parse/parse-report.ts'

describe('AADSTS numbers', () => {
  it.each([
    ['aadsts50011: the redirect uri', [50011]],
    ['aadsts70002: error. aadsts50012: invalid client secret', [70002, 50012]],
    ['"error_codes":[70002,50012]', [70002, 50012]],
    [
      'error_codes: [50076], error_uri: https://login.microsoftonline.com/error?code=50076',
      [50076],
    ],
    ['aadsts65001 ... again: aadsts50011 ... and aadsts65001', [50011, 65001]],
    ['sign-in error code 53003', [53003]],
    ['aadsts', []],
    ['aadsts12 aadsts1234567890 trace 50011', []],
  ])('are read in order of their last occurrence from %s', (text, numbers) => {
    expect(aadstsCodes(text)).toEqual(numbers)
  })

  it.each([
    ['700016', [700016]],
    ['error 700016', [700016]],
    ['error: 7000215', [7000215]],
    ['we get error code 50126 since monday', [50126]],
    ['fehler 50105 beim anmelden', [50105]],
    ['70008 when refreshing', [70008]],
    ['aadsts 50126', [50126]],
    ['adsts50011', [50011]],
  ])('are read as a person types them: %s', (text, numbers) => {
    expect(aadstsCodes(text)).toEqual(numbers)
  })

  it.each([
    'error 10060',
    'error 2026',
    'error on port 50011',
    'error 50011:443',
    'listening on 50126',
    '+49 70008',
    'error 11004 connecting to smtp.office365.com:587',
    'error 50126ms after the start',
    'error id 7b700016',
    'error 70008-12',
    'order 50126 was not sent',
    'phone 700 0162',
    'curl error 60',
    'error 0x80072ee7 at 12:50:53',
    '2026-11-20 50126 messages were sent',
  ])('are not seen in %s', (text) => {
    expect(aadstsCodes(text)).toEqual([])
  })

  it('are limited to 50', () => {
    const text = Array.from({ length: 5000 }, (_, at) => `aadsts${10_000 + at}`).join(' ')
    expect(aadstsCodes(text).length).toBeLessThanOrEqual(50)
  })
})

describe('other codes', () => {
  it('include OAuth errors in the spellings of several languages', () => {
    const text =
      "invalidgranterror: (invalid_grant) 'error': 'interaction_required' unauthorized client"
    expect([...oauthErrors(text, true)]).toEqual([
      'invalid_grant',
      'unauthorized_client',
      'interaction_required',
    ])
  })

  it('include enhanced status codes, but no parts of IP addresses', () => {
    expect([...enhancedCodes('535 5.7.139 from 40.99.150.50 and 5.188.0.1, 5.7.3.')]).toEqual([
      '5.7.139',
      '5.7.3',
    ])
  })
})

describe('a network error', () => {
  it("is recognised by Node's error code alone, but not by names that objects inherit", () => {
    expect(meaningOfCode('ENOTFOUND')).toBe('name-not-found')
    expect(meaningOfCode('constructor')).toBeUndefined()
  })
})
