import { describe, expect, it } from 'vitest'
import { bySeverity, remedies } from '../../../../api/console/ui/integration.ts'
import { IntegrationProblem } from '../../../../schema/integration.ts'

describe('the problems of an integration', () => {
  it('each have a remedy', () => {
    const { code } = IntegrationProblem.shape
    expect(Object.keys(remedies).sort()).toEqual([...code.options].sort())
  })

  it('put what stops the mail first, and keep their order otherwise', () => {
    const problems = (
      ['grants_idle', 'secret_expired', 'app_only_keys', 'app_refused'] as const
    ).map((code) => ({ code, detail: 'Details.' }))
    expect(bySeverity(problems).map(({ code }) => code)).toEqual([
      'secret_expired',
      'app_refused',
      'grants_idle',
      'app_only_keys',
    ])
    expect(problems[0]?.code).toBe('grants_idle')
  })
})
