import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../../api/diagnosis/diagnose.ts'
import { parseReport } from '../../../../api/diagnosis/parse/parse-report.ts'
import type { Report } from '../../../../api/diagnosis/report.ts'

const first = (report: Report) => diagnose(report).candidates[0]?.cause

describe('words of OAuth', () => {
  it.each([
    '550 5.7.705 Access denied, tenant has exceeded threshold',
    '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)',
    'read: Resource temporarily unavailable (EAGAIN)',
    'curl: (9) Remote access denied: 530',
    '501 5.5.4 Invalid request',
    "PermissionError: [Errno 13] Permission denied: '/var/lib/mail/token.json'",
  ])('are none in %s', (error) => {
    expect([...parseReport({ error }).oauth]).toEqual([])
    expect([...parseReport({ protocol: 'token', error }).oauth]).not.toContain('permission_denied')
  })

  it('are none in EAGAIN of a token request either', () => {
    const error = 'BlockingIOError: [Errno 11] Resource temporarily unavailable'
    expect([...parseReport({ protocol: 'token', error }).oauth]).toEqual([])
  })

  it.each([
    ['access_denied', 'error=access_denied&error_description=x'],
    ['invalid_request', 'OAuth error: invalid request', 'token'],
    ['temporarily_unavailable', 'The server is temporarily unavailable', 'token'],
  ] as const)('are %s in %s', (name, error, protocol?: 'token') => {
    expect([...parseReport({ protocol, error }).oauth]).toContain(name)
  })
})

describe("POP's single line for all refusals", () => {
  it.each([
    ['imap refused', '-ERR Authentication failure: unknown user name or bad password.'],
    ['imap login failed', "b'-ERR Logon failure: unknown user name or bad password.'"],
  ])('is the response "%s" to %s', (response, error) => {
    expect([...parseReport({ error }).responses]).toEqual([response])
  })
})

describe('a log of a login', () => {
  it.each([
    'C: AUTH XOAUTH2 [base64 hidden]\nError: Invalid login: 535 5.7.3 Authentication unsuccessful',
    '>> A1 AUTHENTICATE XOAUTH2 <base64>\n<< A1 NO AUTHENTICATE failed. Error: could not log in',
  ])('with its token redacted is no broken token: %s', (error) => {
    expect(first({ error })).not.toBe('token-corrupt-or-malformed')
  })

  it.each([
    '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] ready\na1 NO AUTHENTICATE failed.',
    "retcode (250); Msg: b'SIZE 157286400\\nAUTH LOGIN XOAUTH2\\nCHUNKING'\n535 5.7.3 Authentication unsuccessful",
    '250-AUTH PLAIN LOGIN XOAUTH2\n535 5.7.3 Authentication unsuccessful',
    'S: AUTH PLAIN LOGIN XOAUTH2\n535 5.7.3 Authentication unsuccessful',
  ])('that lists mechanisms shows no password: %s', (error) => {
    expect(parseReport({ error }).facts.password).toBeUndefined()
  })
})

describe('a refusal of a message', () => {
  it.each([
    ['throttled', '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException'],
    ['sender-restricted', '550 5.1.8 Access denied, bad outbound sender'],
    ['recipient-refused', '550 5.4.1 Recipient address rejected: Access denied.'],
  ])('is no refused login: %s', (cause, error) => {
    expect([...parseReport({ error }).responses]).toEqual([])
    expect(first({ error })).toBe(cause)
  })
})
