import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import { foreignTexts } from './rows.ts'

/** Highest likelihood that a cause may have for a text of another system. */
const LOW = 0.5

describe('a text that tells nothing about mail at Microsoft', () => {
  it('comes in more than 300 kinds', () => {
    expect(foreignTexts.length).toBeGreaterThan(300)
  })

  it.each(foreignTexts)('is never a reason for certainty: $system', ({ foreign, ...row }) => {
    const { verdict, candidates, ask } = diagnose(row)
    expect(verdict).not.toBe('certain')
    if (verdict !== 'likely') expect(ask.length).toBeGreaterThan(0)
    // A likely cause is right for Google's messages about its own tokens.
    if (foreign && !candidates[0]?.docs.some((url) => url.includes('developers.google.com'))) {
      expect(verdict).toMatch(/^(?:unknown|ambiguous)$/)
      expect(candidates[0]?.likelihood ?? 0).toBeLessThanOrEqual(LOW)
    }
  })
})

describe('a name of another system', () => {
  const refused = 'NO [AUTHENTICATIONFAILED] Invalid credentials'

  it('leads to the question which server it was, unless the host is known', () => {
    const asked = (report: Report) => JSON.stringify(diagnose({ protocol: 'imap', ...report }).ask)
    expect(asked({ error: `imap.gmail.com: ${refused}` })).toContain('another system')
    const evidence = { host: 'imap.gmail.com' }
    expect(asked({ error: refused, evidence })).not.toContain('another system')
  })

  it.each<[cause: string, verdict: string, Report]>([
    ['not-microsofts-server', 'ambiguous', { error: `imap.gmail.com: ${refused}` }],
    [
      'wrong-port-or-host',
      'likely',
      {
        protocol: 'smtp',
        error: 'Cannot send email: * OK [CAPABILITY IMAP4rev1 IDLE] IMAP ready (imap.t-online.de)',
      },
    ],
  ])('is said outright, and never unknown: %s', (cause, expected, report) => {
    const { verdict, candidates } = diagnose({ protocol: 'imap', stage: 'auth', ...report })
    expect([verdict, candidates[0]?.cause]).toEqual([expected, cause])
    expect(candidates[0]?.fixes[0]?.text).not.toContain('outlook.office365.com')
  })

  it.each([
    [
      'beside a name of Microsoft',
      'postgres: saved; outlook.office365.com: NO AUTHENTICATE failed',
    ],
    ['beside words of mail programs', 'mysql: saved. IMAP login: NO AUTHENTICATE failed'],
  ])('%s does not matter', (_where, error) => {
    const report = { protocol: 'imap' as const, stage: 'auth' as const, evidence: {} }
    const usual = diagnose({ ...report, error: 'NO AUTHENTICATE failed' })
    expect(diagnose({ ...report, error }).candidates).toEqual(usual.candidates)
  })

  it('does not matter for a failure that the product itself saw', () => {
    const facts = { kind: 'rejected' as const }
    const evidence = { host: 'imap.gmail.com', mechanism: 'login' }
    const { verdict, candidates } = diagnose({
      protocol: 'imap',
      stage: 'auth',
      error: refused,
      evidence,
      facts,
    })
    expect([verdict, candidates[0]?.cause]).toEqual(['certain', 'password-refused'])
  })
})

describe('a pasted text without any name, number or protocol', () => {
  it('is likely at best, even if its sentence names a cause', () => {
    const error = 'certificate verify failed: self-signed certificate'
    expect(diagnose({ error }).verdict).toBe('likely')
    expect(diagnose({ error, protocol: 'imap' }).verdict).toBe('certain')
  })
})
