import { describe, expect, it } from 'vitest'
import { createCleaner } from '../../checker/cleaner.ts'

const printable = createCleaner([])

describe('printable text', () => {
  it.each([
    ['plain words stay', 'plain words stay'],
    ['caf\u00e9 \u4f60\u597d', 'caf\u00e9 \u4f60\u597d'],
    ['two\r\nlines', 'two lines'],
    ['nul\u0000 bell\u0007 del\u007f', 'nul bell del'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://evil.test\u0007link\u001b]8;;\u0007', 'link'],
    ['\u009b31mC1', '31mC1'],
    ['safe\u202egnp.exe', 'safe gnp.exe'],
    ['zero\u200bwidth', 'zero width'],
    ['line\u2028separator', 'line separator'],
    ['<b>html</b> stays for the page to escape', '<b>html</b> stays for the page to escape'],
  ])('%j becomes %j', (text, clean) => {
    expect(printable(text, 1000)).toBe(clean)
  })

  it('is truncated with an ellipsis, never inside a character', () => {
    expect(printable('x'.repeat(50), 10)).toBe('xxxxxxxxx\u2026')
    const cut = printable('\u{1f600}'.repeat(50), 10) ?? ''
    expect(cut.length).toBeLessThanOrEqual(10)
    expect(cut.isWellFormed()).toBe(true)
  })

  it('replaces half a surrogate pair', () => {
    expect(printable('a\ud800b', 10)?.isWellFormed()).toBe(true)
  })
})

describe('a cleaner', () => {
  const secret = 'eyJhbGciOiJub25lIn0.a-secret-that-is-long.signature'
  const clean = createCleaner([secret])

  it.each([
    ['whole', secret],
    ['in base64', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['in upper case', secret.toUpperCase()],
    ['behind a letter that is longer in lower case', `\u0130 ${secret}`],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['as its beginning', secret.slice(0, 20)],
    ['as its middle', secret.slice(10, 40)],
    ['with a control character inside', `${secret.slice(0, 20)}\u0000${secret.slice(20)}`],
  ])('removes a secret %s', (_name, form) => {
    const text = clean(`before ${form} after`, 1000) ?? ''
    expect(text).toMatch(/^before (?:\S{1,2} )?(?:\[removed\] ?)+after$/)
  })

  it('keeps words shorter than a piece of a secret', () => {
    expect(clean('a-secret is signature', 1000)).toBe('a-secret is signature')
  })

  it('returns null for null and undefined', () => {
    expect(clean(null, 10)).toBeNull()
    expect(clean(undefined, 10)).toBeNull()
  })

  it.each(['move', 'e', '[removed]'])('terminates with the secret "%s"', (short) => {
    expect(createCleaner([short])(`${short} we move ${short}`, 1000)).toMatch(/^\S+ we \S+ \S+$/)
  })

  it('ignores an empty secret', () => {
    expect(createCleaner([''])('words', 10)).toBe('words')
  })
})
