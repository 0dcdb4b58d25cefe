import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import { Diagnosis, ReportProtocol, Stage } from '../../../schema/diagnosis.ts'
import { programWordings, publicReports } from './rows.ts'

/** Mulberry32: the same inputs in every run. */
function seeded(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const known = [...publicReports, ...programWordings]
const words = known.flatMap(({ error }) => error.split(/\s+/)).slice(0, 4000)
const evidenceValues = [
  '',
  'x',
  'app_only',
  'common',
  'graph',
  '\\',
  'a@b.c',
  '\u0000',
  '\u{1f600}',
]

function generated(pick: (below: number) => number): Report {
  const one = <Item>(items: readonly Item[]) => items[pick(items.length)] as Item
  const piece = () => {
    switch (pick(8)) {
      case 0:
        return String.fromCharCode(pick(0x10000))
      case 1:
        return `AADSTS${pick(10_000_000)}`
      case 2:
        return one([
          '<html>',
          '<script',
          '%41%ff',
          '&#x41;',
          '\\u0041',
          '{"error":"',
          '\r\n',
          '\u0000',
        ])
      case 3:
        return `${pick(600)} ${pick(6)}.${pick(9)}.${pick(300)}`
      default:
        return one(words)
    }
  }
  const error = Array.from({ length: pick(9) }, piece).join(pick(2) ? ' ' : '')
  const evidence = {
    username: one(evidenceValues),
    tenant: one(evidenceValues),
    flow: one(evidenceValues),
    port: pick(70000),
    shared_mailbox: pick(2) === 1,
  }
  return {
    protocol: one(ReportProtocol.options),
    stage: pick(3) ? one(Stage.options) : undefined,
    error,
    ...(pick(2) && { evidence }),
  }
}

describe('a diagnosis', () => {
  it('never fails, over 100,000 generated inputs', () => {
    const pick = seeded(20261124)
    for (let count = 0; count < 100_000; count++) {
      const report = generated(pick)
      const { candidates, verdict, ask } = diagnose(report)
      const total = candidates.reduce((sum, { likelihood }) => sum + likelihood, 0)
      const sane =
        total <= 1.04 &&
        candidates.length <= 6 &&
        ask.length <= 4 &&
        (verdict === 'certain' || ask.length > 0 || report.error === '')
      if (!sane) expect.fail(JSON.stringify(report))
    }
  }, 120_000)

  it.each([
    ['nothing', ''],
    ['blanks', ' \n\t '],
    [
      'binary',
      Array.from({ length: 3000 }, (_, at) => String.fromCharCode((at * 37) % 256)).join(''),
    ],
    ['lone surrogates', '\ud800\udfff\ud800'.repeat(100)],
    ['a novel', 'It was the best of times. '.repeat(2600)],
    [
      'another language',
      '\u041e\u0448\u0438\u0431\u043a\u0430 \u0441\u0435\u0440\u0432\u0435\u0440\u0430',
    ],
  ])('says unknown and what to collect for %s', (_what, error) => {
    const diagnosis = diagnose({ protocol: 'authorize', error })
    expect(Diagnosis.parse(diagnosis)).toEqual(diagnosis)
    expect(diagnosis).toMatchObject({ verdict: 'unknown', candidates: [] })
    expect(diagnosis.ask.length).toBeGreaterThan(0)
  })

  it('finds the error in 64 KiB of log, wherever it stands, and looks at no more', () => {
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

  it('reads numbers in any language', () => {
    const error =
      'AADSTS50011: \u0412\u043e\u0437\u0432\u0440\u0430\u0442\u043d\u044b\u0439 URL-\u0430\u0434\u0440\u0435\u0441, \u0443\u043a\u0430\u0437\u0430\u043d\u043d\u044b\u0439 \u0432 \u0437\u0430\u043f\u0440\u043e\u0441\u0435'
    expect(diagnose({ protocol: 'authorize', error })).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'redirect-uri-mismatch' }],
    })
  })

  it("reads Microsoft's page as HTML, its footer aside", () => {
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
