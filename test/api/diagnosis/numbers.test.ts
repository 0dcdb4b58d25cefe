/** Entra's numbers: unknown ones, and those that come with several sentences. */
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../api/diagnosis/catalogue/catalogue.ts'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { judge } from '../../../api/diagnosis/judge.ts'
import { numberEffects } from './rows.ts'

const unknown =
  'AADSTS7009999: Something that is not in any list. Trace ID: 8a7b Correlation ID: 0f0e0d0c-1111-2222-3333-444455556666 Timestamp: 2026-11-20 08:15:30Z'

describe('a number that no cause lists', () => {
  const { verdict, candidates, ask } = diagnose({
    protocol: 'token',
    stage: 'refresh',
    error: unknown,
  })
  const [first] = candidates

  it('is named, with the part of Microsoft that gave it, its page and the entry in the sign-in log, and nothing is claimed about it', () => {
    expect(verdict).toBe('ambiguous')
    expect(first?.cause).toBe('unknown-aadsts-number')
    expect(first?.title).toContain('AADSTS7009999')
    expect(first?.explanation).toContain("Microsoft's token endpoint responded with AADSTS7009999")
    expect(JSON.stringify(ask)).toContain('complete error text')
    expect(first?.fixes[0]?.url).toBe('https://login.microsoftonline.com/error?code=7009999')
    expect(first?.fixes[1]?.text).toContain(
      'by the correlation ID 0f0e0d0c-1111-2222-3333-444455556666 at 2026-11-20 08:15:30Z',
    )
  })

  it('leaves out what the text does not hold', () => {
    const report = { protocol: 'authorize', stage: 'authorize', error: 'AADSTS7009999' } as const
    const [page] = diagnose(report).candidates
    expect(page?.explanation).toContain("Microsoft's sign-in page responded")
    expect(page?.fixes[1]?.text).not.toMatch(/correlation ID|<|\[/)
  })

  it('gives way to a sentence that names a cause, which is then likely', () => {
    const { verdict, candidates } = diagnose({
      protocol: 'token',
      stage: 'refresh',
      error: 'AADSTS7009999: The refresh token has expired due to inactivity.',
    })
    expect([verdict, candidates[0]?.cause]).toEqual(['likely', 'refresh-token-expired'])
  })

  it('gives way to a known number beside it', () => {
    const error = `${unknown} AADSTS7000222: The provided client secret keys are expired.`
    const { candidates } = diagnose({ protocol: 'token', stage: 'refresh', error })
    expect(candidates.map(({ cause }) => cause)).not.toContain('unknown-aadsts-number')
  })
})

describe('a number with several sentences', () => {
  it.each([
    ['token', 'refresh', 'AADSTS70000'],
    ['authorize', 'authorize', 'AADSTS70001'],
    ['token', 'refresh', 'AADSTS70002'],
    ['token', 'refresh', 'AADSTS50012'],
    ['authorize', 'authorize', 'AADSTS50020'],
    ['token', 'client_credentials', 'AADSTS50059'],
    ['authorize', 'authorize', 'AADSTS700016'],
    ['token', 'token_exchange', 'AADSTS90023'],
    ['token', 'refresh', 'AADSTS9002313'],
    ['token', 'refresh', 'AADSTS65001'],
    ['authorize', 'callback', 'AADSTS65004: User declined to consent to access the app.'],
    [
      'authorize',
      'authorize',
      'AADSTS700016: Application with identifier "11111111-2222-3333-4444-555555555555" was not found in the directory "Contoso".',
    ],
  ] as const)('makes no cause certain (%s, %s): %s', (protocol, stage, error) => {
    expect(diagnose({ protocol, stage, error }).verdict).toMatch(/^(?:likely|ambiguous)$/)
  })
})

describe('the effect on a stored grant', () => {
  const effects = catalogue.flatMap(({ slug, effect, aadsts = [] }) =>
    aadsts.map((group) => ({ slug, effect: group.effect ?? effect })),
  )

  it('is a pause for every number of an outage or a limit', () => {
    const outages = ['server-transient', 'throttled', 'federated-issuer-unreachable']
    const ofOutages = effects.filter(({ slug }) => outages.includes(slug))
    expect(ofOutages.length).toBeGreaterThan(10)
    expect(ofOutages.filter(({ effect }) => effect !== 'cool_down')).toEqual([])
  })

  it('is stated for every known number, with the party that must act', () => {
    const numbers = catalogue.flatMap(({ aadsts = [] }) => aadsts.flatMap((group) => group.numbers))
    const judged = numbers.map((aadsts) => {
      const facts = { kind: 'refused', aadsts, oauth_error: 'invalid_grant' } as const
      const { effect, responsible } = judge({
        protocol: 'token',
        stage: 'refresh',
        error: '',
        facts,
      })
      return [aadsts, effect, responsible].join(' ')
    })
    const expected = numberEffects.flatMap(({ effect, responsible, numbers: listed }) =>
      listed.map((number) => [number, effect, responsible].join(' ')),
    )
    expect(judged.toSorted()).toEqual(expected.toSorted())
  })
})

it('leaves open whether a code or a refresh token has expired where only the stage could tell', () => {
  const error = 'AADSTS70008: The provided authorization code or refresh token has expired.'
  expect(diagnose({ error })).toMatchObject({ verdict: 'ambiguous' })
  const { candidates } = diagnose({ error, stage: 'refresh' })
  expect(candidates[0]?.cause).toBe('refresh-token-expired')
})

it('takes an app that Microsoft no longer knows for deleted rather than for a wrong client ID', () => {
  const facts = { kind: 'refused', aadsts: 700016, oauth_error: 'unauthorized_client' } as const
  const report = { protocol: 'token', stage: 'refresh', error: '', facts } as const
  const { candidates } = diagnose({ ...report, evidence: { worked_before: true } })
  const [first, second] = candidates
  expect([first?.cause, second?.cause]).toEqual(['app-disabled', 'wrong-client-id'])
  expect(first?.likelihood).toBeGreaterThan(second?.likelihood ?? 0)
  expect(diagnose(report).candidates[0]?.cause).toBe('wrong-client-id')
})
