import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { Diagnosis } from '../../../schema/diagnosis.ts'
import { generatedReports } from '../../diagnosis/generated-reports.ts'
import { full, seed } from '../../sample.ts'
import { programSentences, programWordings, publicReports } from './rows.ts'

const realTexts = [
  ...[...publicReports, ...programWordings].map(({ error }) => error),
  ...programSentences.map(({ example }) => example),
]

describe('a diagnosis', () => {
  const reports = full ? 100_000 : 3_000
  it(`never fails and stays within its bounds for ${reports} generated reports`, () => {
    const next = generatedReports(realTexts, seed)
    for (let count = 0; count < reports; count++) {
      const report = next()
      const { candidates, verdict, ask } = diagnose(report)
      const total = candidates.reduce((sum, { likelihood }) => sum + likelihood, 0)
      const sane =
        total <= 1.04 &&
        candidates.length <= 6 &&
        ask.length <= 2 &&
        (verdict === 'certain' || verdict === 'likely' || ask.length > 0 || report.error === '')
      if (!sane) expect.fail(JSON.stringify(report))
    }
  }, 400_000)

  it.each([
    ['nothing', ''],
    ['whitespace', ' \n\t '],
    [
      'binary data',
      Array.from({ length: 3000 }, (_, at) => String.fromCharCode((at * 37) % 256)).join(''),
    ],
    ['lone surrogates', '\ud800\udfff\ud800'.repeat(100)],
    ['long prose', 'It was the best of times. '.repeat(2600)],
    [
      'another language',
      '\u041e\u0448\u0438\u0431\u043a\u0430 \u0441\u0435\u0440\u0432\u0435\u0440\u0430',
    ],
  ])('is unknown and says what to collect for %s', (_what, error) => {
    const diagnosis = diagnose({ protocol: 'authorize', error })
    expect(Diagnosis.parse(diagnosis)).toEqual(diagnosis)
    expect(diagnosis).toMatchObject({ verdict: 'unknown', candidates: [] })
    expect(diagnosis.ask.length).toBeGreaterThan(0)
  })

  it('finds the error anywhere in 64 KiB of log, and copes with larger texts', () => {
    const noise = 'debug: fetched 17 messages of 4212\n'.repeat(2000).slice(0, 32_000)
    const error =
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.'
    for (const text of [
      `${noise}\n${error}\n${noise}`,
      `${error}\n${noise}${noise}`,
      `${noise}${noise}\n${error}`,
    ]) {
      const { candidates } = diagnose({ protocol: 'smtp', stage: 'auth', error: text })
      expect(candidates[0]?.cause).toBe('smtp-auth-disabled-tenant')
    }
    expect(diagnose({ protocol: 'smtp', error: 'x'.repeat(5_000_000) }).verdict).toBe('unknown')
  })

  it('reads AADSTS numbers in any language', () => {
    const error =
      'AADSTS50011: \u0412\u043e\u0437\u0432\u0440\u0430\u0442\u043d\u044b\u0439 URL-\u0430\u0434\u0440\u0435\u0441, \u0443\u043a\u0430\u0437\u0430\u043d\u043d\u044b\u0439 \u0432 \u0437\u0430\u043f\u0440\u043e\u0441\u0435'
    expect(diagnose({ protocol: 'authorize', error })).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'redirect-uri-mismatch' }],
    })
  })

  it("reads the HTML of Microsoft's page without its footer", () => {
    const error = `<!DOCTYPE html><html><head><title>Sign in</title><script>var a="invalid_client"</script>
      <style>.x{}</style></head><body><div>Need admin&nbsp;approval</div><p>Mail</p>
      <a href="#">Have an admin account? Sign in with that account</a>
      <div>Terms of use</div><div>Privacy &amp; cookies</div></body></html>`
    expect(diagnose({ protocol: 'authorize', stage: 'authorize', error })).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'admin-consent-required' }],
    })
  })
})
