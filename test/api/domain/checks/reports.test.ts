import { describe, expect, it } from 'vitest'
import { checkerReport, timeoutReport, tokenReport } from '../../../../api/domain/checks/reports.ts'

const explainedStep = (report: ReturnType<typeof checkerReport> | null) =>
  report?.steps.find((step) => step.detail !== null)

describe('a validation without a token', () => {
  it.each(['reconnect_required', 'grant_blocked', 'credential_rejected'] as const)(
    'has failed at the login with the detail of the cause %s',
    (code) => {
      const report = tokenReport({ code, detail: 'Sign in again.' })
      expect(report).toMatchObject({ outcome: 'failed', failure: { from: 'token', code } })
      expect(explainedStep(report)).toMatchObject({ name: 'authenticate', outcome: 'failed' })
      expect(explainedStep(report)?.detail).toContain('Sign in again.')
    },
  )

  it('is inconclusive while Microsoft is failing', () => {
    const report = tokenReport({ code: 'provider_unavailable', detail: 'Microsoft is down.' })
    expect(report?.outcome).toBe('inconclusive')
    expect(explainedStep(report)?.detail).toContain('Microsoft is down.')
  })

  it('has no report when the account cannot be tested at all', () => {
    expect(tokenReport({ code: 'integration_inactive', detail: '' })).toBeNull()
    expect(tokenReport({ code: 'not_found', detail: '' })).toBeNull()
  })
})

describe('a validation without a checker', () => {
  const kinds = ['unreachable', 'timeout', 'busy', 'refused', 'malformed'] as const

  it.each(kinds)('is inconclusive when the checker fails: %s', (kind) => {
    const report = checkerReport({ kind, status: 401, retryAfter: null })
    expect(report).toMatchObject({ outcome: 'inconclusive', mechanism: null })
    expect(report.steps.map((step) => step.name)).toEqual([
      'dns',
      'connect',
      'tls',
      'greeting',
      'authenticate',
      'mailbox',
    ])
    expect(new Set(report.steps.map((step) => step.outcome))).toEqual(new Set(['skipped']))
    expect(report.steps[0]?.detail).toContain('says nothing about the mailbox')
  })

  it('gives a different explanation for every reason', () => {
    const details = kinds.map((kind) => {
      return explainedStep(checkerReport({ kind, status: null, retryAfter: null }))?.detail
    })
    expect(new Set(details).size).toBe(kinds.length)
  })

  it('says when to retry a busy checker', () => {
    const report = checkerReport({ kind: 'busy', status: 503, retryAfter: 7 })
    expect(explainedStep(report)?.detail).toContain('in 7 s')
  })

  it('distinguishes a slow Microsoft from a slow checker', () => {
    expect(explainedStep(timeoutReport('token'))).toMatchObject({ name: 'authenticate' })
    expect(explainedStep(timeoutReport('token'))?.detail).toContain('Microsoft')
    expect(explainedStep(timeoutReport('checker'))?.detail).toContain('checker')
    expect(timeoutReport('token').outcome).toBe('inconclusive')
  })
})
