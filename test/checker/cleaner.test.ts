import { describe, expect, it } from 'vitest'
import { createCleaner } from '../../checker/cleaner.ts'
import { microsoftCodes, programWordings, publicReports } from '../api/diagnosis/rows.ts'
import { full, seed } from '../sample.ts'
import { ESCAPES, leakFinder, QUOTINGS } from '../secret-fragments.ts'
import { seeded } from '../seeded.ts'

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

  it.each([
    ['two spaces', 'hunter2  horse'],
    ['spaces around it', ' hunter2horse '],
    ['a no-break space', 'hunter2\u00a0horse'],
    ['an invisible character', 'hunter2\u00adhorse'],
  ])('removes a short secret with %s', (_name, password) => {
    expect(createCleaner([password])(`bad password: ${password}`, 1000)).toBe(
      'bad password: [removed]',
    )
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

describe('a piece of a secret', () => {
  const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')
  const GLUE = ['...', '.', '=', '&', '/', '"', ':', ',', '[', '%', '\\', '+', '-', '_', '\u2026']
  const pick = seeded(seed)
  const randomText = (length: number, alphabet: string) =>
    Array.from({ length }, () => alphabet[pick(alphabet.length)]).join('')
  const glue = () => Array.from({ length: pick(3) }, () => GLUE[pick(GLUE.length)]).join('')
  const anyCase = (text: string) =>
    Array.from(text, (one) => (pick(2) === 0 ? one.toUpperCase() : one.toLowerCase())).join('')

  const randomSecret = [
    () => randomText(1500, BASE64URL),
    () => [40, 600, 342].map((length) => randomText(length, BASE64URL)).join('.'),
    () => randomText(16 + pick(50), PRINTABLE).replaceAll(' ', 'x'),
  ]

  it.each([
    ...QUOTINGS,
    ...ESCAPES.map((quote) => ({ name: 'only escapes', quote, anyCase: true })),
  ])('of 16 characters or more never remains: $name', ({ quote, anyCase: ignoresCase }) => {
    for (let round = 0; round < (full ? 90 : 9); round += 1) {
      const secret = randomSecret[round % randomSecret.length]?.() ?? ''
      const clean = createCleaner([secret], [`user=alice@contoso.test\u0001auth=Bearer ${secret}`])
      const whole = quote(secret)
      const from = pick(whole.length)
      const cut = whole.slice(from, from + 1 + pick(120))
      const piece = ignoresCase ? anyCase(cut) : cut
      const text = `login of alice@contoso.test: ${glue()}${piece}${glue()} was refused`
      const cleaned = clean(text, 65_536) ?? ''
      expect([text, leakFinder(secret)(cleaned)]).toEqual([text, []])
      expect(cleaned).toMatch(/^login of alice@contoso\.test: .* was refused$/)
    }
  })

  it.each(ESCAPES)('never remains behind a backslash that is not part of its escapes', (quote) => {
    const secret = randomText(40, BASE64URL)
    const text = `before \\${quote(secret.slice(0, 16))} after`
    expect(createCleaner([secret])(text, 1000)).toMatch(/^before \\?\[removed\] after$/)
  })

  it('is removed alone, with nothing around it', () => {
    const secret = randomText(1500, BASE64URL)
    const clean = createCleaner([secret])
    const [one, other] = [secret.slice(100, 120), secret.slice(700, 716)]
    expect(clean(`token=${one}...&next=${other}!`, 1000)).toBe('token=[removed]...&next=[removed]!')
    expect(clean(`${one}${other}`, 1000)).toBe('[removed]')
    expect(clean(`token=${secret.slice(100, 115)}`, 1000)).toBe(`token=${secret.slice(100, 115)}`)
  })

  it('is not seen in innocent texts: reports, error tables and messages of programs', () => {
    const rows = [...publicReports, ...microsoftCodes, ...programWordings]
    const texts = rows.map(({ error }) => createCleaner([])(error, 65_536) ?? '')
    expect(texts.length).toBeGreaterThan(400)
    for (const make of randomSecret) {
      const secret = make()
      const clean = createCleaner([secret], [`user=alice@contoso.test\u0001auth=Bearer ${secret}`])
      expect(texts.map((text) => clean(text, 65_536))).toEqual(texts)
    }
  })

  it.each([
    ['repeats the secret', (secret: string) => secret],
    ['repeats a piece that is too short', (secret: string) => `${secret.slice(90, 105)}!`],
    ['repeats one character', () => 'a'],
    ['consists of escapes', () => '%41\\u0041'],
    ['consists of backslashes', () => '\\'],
    ['begins terminal sequences', () => '\u001b]'],
  ])('is searched in linear time if a text %s', (_name, unit) => {
    const secrets = [randomText(16_000, BASE64URL), 'a'.repeat(16_000), 'ab'.repeat(8_000)]
    for (const secret of secrets) {
      const piece = unit(secret)
      const text = (length: number) => piece.repeat(length / piece.length)
      const clean = createCleaner([secret])
      clean(text(16_384), 65_536)
      const measure = (length: number) => {
        const input = text(length)
        const started = process.cpuUsage()
        clean(input, 65_536)
        return process.cpuUsage(started).user / 1000
      }
      const best = (length: number) => Math.min(...[1, 2, 3].map(() => measure(length)))
      expect(best(65_536)).toBeLessThan(10 * best(16_384) + 100)
    }
  })
})
