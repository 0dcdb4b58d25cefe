import { describe, expect, it } from 'vitest'
import { diagnoseSignIn } from '../../../../api/domain/failures/authorization.ts'
import { entraFacts } from '../../../../api/domain/failures/facts.ts'
import { diagnoseAppToken, diagnoseRefresh } from '../../../../api/domain/failures/token.ts'
import type { FailureFacts } from '../../../../schema/failure.ts'
import { settings } from '../../harness.ts'
import { grant, refused } from '../../refresh-failure.ts'

const app = { clientId: 'client', cloud: 'global', tenant: 'contoso.test' } as const
const authorization: Parameters<typeof diagnoseSignIn>[0] = {
  username: 'alice@contoso.test',
  delegate: null,
  signIn: { ...app, scopes: grant.scopes },
}

/** `invalid_client` without a number, which any kind of credential can cause. */
const invalidClient = refused({ error: 'invalid_client' })

describe('a credential refused without a number', () => {
  it.each([
    ['a refresh', 'refresh', (facts: FailureFacts) => diagnoseRefresh(grant, facts, settings)],
    [
      'an app-only token',
      'client_credentials',
      (facts: FailureFacts) => diagnoseAppToken(app, facts, settings),
    ],
    [
      'a sign-in',
      'token_exchange',
      (facts: FailureFacts) => diagnoseSignIn(authorization, facts, settings, null),
    ],
  ] as const)('is diagnosed by its own type: at %s', (_at, stage, diagnosis) => {
    const causes = (type: 'certificate' | 'client_secret') =>
      diagnosis(entraFacts(invalidClient, stage, { type })).candidates.map(({ cause }) => cause)
    expect(causes('certificate')[0]).toBe('client-assertion-invalid')
    expect(causes('certificate').join()).not.toContain('secret-wrong')
    expect(causes('client_secret')[0]).toMatch(/^client-secret-/)
  })
})
