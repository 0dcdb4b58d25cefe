import { describe, expect, it } from 'vitest'
import { clean } from '../../../../api/diagnosis/parse/clean.ts'

describe('clean', () => {
  it.each([
    ['whitespace and case', '  NO \r\n AUTHENTICATE\tFailed ', 'no authenticate failed'],
    [
      'events of a log, which stay apart',
      '2026-03-02 09:10:00 Proxy\n  is on\n2026-03-02 09:10:01 HTTP 407',
      '2026-03-02 09:10:00 proxy is on\n2026-03-02 09:10:01 http 407',
    ],
    ['JSON escapes', '{"a":"it\\u0027s \\"so\\"\\r\\nhere"}', `{"a":"it's "so" here"}`],
    [
      'a query string',
      'error=x&error_description=AADSTS65004%3a+User+declined',
      'error=x&error_description=aadsts65004: user declined',
    ],
    ['typographic quotes', 'organization\u2019s \u201cpolicy\u201d', `organization's "policy"`],
    ['control characters', 'a\u0000b\u200bc', 'a b c'],
    ['HTML tags', '<p>Need <b>admin</b>&nbsp;approval</p>', 'need admin approval'],
    ['an email address in angle brackets, which is no tag', 'to <a@b.example>', 'to <a@b.example>'],
    ['invalid escapes', '%zz %ff \\uZZZZ &#xD800; &bogus;', '%zz %ff \\uzzzz &bogus;'],
  ])('normalises %s', (_what, text, plain) => {
    expect(clean(text)).toBe(plain)
  })
})
