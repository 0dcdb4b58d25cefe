import { describe, expect, it } from 'vitest'
import { bySeverity } from '../../../../api/console/ui/integration.ts'

describe('the problems of an integration', () => {
  it('put what stops the mail first, and keep their order otherwise', () => {
    const problems = (
      ['secret_expiring', 'secret_expired', 'grants_idle', 'credential_rejected'] as const
    ).map((code) => ({ code, detail: 'Details.' }))
    expect(bySeverity(problems).map(({ code }) => code)).toEqual([
      'secret_expired',
      'credential_rejected',
      'secret_expiring',
      'grants_idle',
    ])
    expect(problems[0]?.code).toBe('secret_expiring')
  })
})
