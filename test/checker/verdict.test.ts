import { describe, expect, it } from 'vitest'
import { judgeImap, outcomeOf, parseSmtpReply } from '../../checker/verdict.ts'
import { ProbeFailure } from '../../schema/probe.ts'

describe('an outcome', () => {
  it('is inconclusive for faults that say nothing about the credential, failed for all others', () => {
    const inconclusive = ProbeFailure.shape.kind.options.filter(
      (kind) => outcomeOf(kind) === 'inconclusive',
    )
    expect(inconclusive).toEqual(['dns', 'connect', 'timeout', 'throttled', 'unavailable'])
  })
})

describe('an IMAP response code', () => {
  it.each([
    ['NO', 'AUTHENTICATIONFAILED', 'Too many failed logins, try again later', 'rejected'],
    ['NO', 'AUTHORIZATIONFAILED', 'Service unavailable', 'rejected'],
    ['NO', 'EXPIRED', 'User is authenticated but not connected.', 'rejected'],
    ['NO', 'UNAVAILABLE', 'Too many connections', 'unavailable'],
    ['BAD', 'SERVERBUG', 'User is authenticated but not connected.', 'unavailable'],
    ['BYE', 'SERVERBUG', 'Request is throttled', 'unavailable'],
    ['NO', 'LIMIT', 'Service unavailable', 'throttled'],
    ['NO', 'THROTTLED', 'Account exceeded command or bandwidth limits.', 'throttled'],
    ['BYE', 'AUTHENTICATIONFAILED', 'bye', 'unavailable'],
  ] as const)('wins over words: %s [%s] %s is %s', (status, code, text, kind) => {
    expect(judgeImap({ status, code, text }, null)).toBe(kind)
  })

  it.each(['ALERT', 'REFERRAL', 'toString', null])('%s leaves the verdict to the words', (code) => {
    expect(judgeImap({ status: 'NO', code, text: 'Too many connections' }, null)).toBe('throttled')
    expect(judgeImap({ status: 'NO', code, text: 'No.' }, null)).toBe('rejected')
  })
})

describe('an SMTP reply', () => {
  it.each([
    ['235 2.7.0 ok', { code: 235, enhanced: '2.7.0' }],
    ['535-5.7.139 first\n535 5.7.139 second', { code: 535, enhanced: '5.7.139' }],
    ['535 5.7.8', { code: 535, enhanced: '5.7.8' }],
    ['535', { code: 535, enhanced: null }],
    ['535 no enhanced code', { code: 535, enhanced: null }],
    ['535 5.7.1391 odd', { code: 535, enhanced: null }],
    ['535 9.7.1 odd', { code: 535, enhanced: null }],
  ])('%j is parsed', (text, expected) => {
    expect(parseSmtpReply(text)).toMatchObject(expected)
  })

  it.each(['', '5355 x', '53 x', 'ok', ' 535 x', '535x'])('%j is rejected', (text) => {
    expect(parseSmtpReply(text)).toBeNull()
  })
})
