import { describe, expect, it } from 'vitest'
import { parseRows } from '../../../../../api/console/pages/move/parse-rows.ts'

const TOKEN = '1.AXoA-secret_token.x'

describe('pasted rows', () => {
  it('hold a mailbox, its refresh token, and perhaps who signs in', () => {
    const text = `a@contoso.test, ${TOKEN}\r\n\n shared@contoso.test ,${TOKEN}x, Alice@contoso.test \n`
    expect(parseRows(text)).toEqual({
      ok: true,
      rows: [
        { mailbox: 'a@contoso.test', refreshToken: TOKEN, delegate: null },
        {
          mailbox: 'shared@contoso.test',
          refreshToken: `${TOKEN}x`,
          delegate: 'Alice@contoso.test',
        },
      ],
    })
  })

  it.each([
    ['a tab', `a@contoso.test\t${TOKEN}\t`],
    ['a semicolon', `a@contoso.test;${TOKEN}`],
    ['a comma and quotes', `"a@contoso.test","${TOKEN}",""`],
  ])('may be divided by %s', (_, text) => {
    const rows = [{ mailbox: 'a@contoso.test', refreshToken: TOKEN, delegate: null }]
    expect(parseRows(text)).toEqual({ ok: true, rows })
  })

  it.each([
    ['', 'at least one'],
    ['mailbox,token', 'Line 1: the first value'],
    ['a@contoso.test', 'Line 1: the refresh token is missing'],
    [`a@contoso.test,${TOKEN} ${TOKEN}`, 'Line 1: the refresh token has spaces'],
    [`a@contoso.test,${TOKEN},alice`, 'Line 1: the third value'],
    [`a@contoso.test,${TOKEN},b@contoso.test,c`, 'more than three'],
    [`a@contoso.test,${TOKEN}\nA@contoso.test,${TOKEN}`, 'Line 2: A@contoso.test is listed twice'],
    [`${TOKEN},a@contoso.test`, 'Line 1: the first value'],
  ])('are refused for %j, without the token in the sentence', (text, error) => {
    const parsed = parseRows(text)
    expect(parsed.ok).toBe(false)
    expect(JSON.stringify(parsed)).toContain(error)
    expect(JSON.stringify(parsed)).not.toContain('secret_token')
  })

  it('are at most 500, and only the first wrong lines are named', () => {
    const lines = (count: number, line: (index: number) => string) =>
      parseRows(Array.from({ length: count }, (_, index) => line(index)).join('\n'))
    expect(lines(500, (index) => `box${index}@contoso.test,${TOKEN}`).ok).toBe(true)
    expect(lines(501, (index) => `box${index}@contoso.test,${TOKEN}`)).toMatchObject({
      error: 'Paste at most 500 rows at a time, not 501.',
    })
    expect(lines(8, () => 'nonsense')).toMatchObject({
      error: expect.stringMatching(/Line 5: .* 3 more\.$/),
    })
  })
})
