/** Mail accounts as the API shows them, and their health. Pure. */
import type { Health, MailAccount } from '../../../schema/mail-account.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import type { MailAccountInHand } from '../../store/mail-accounts.ts'
import { appTokenProblem } from '../diagnosing/app-token.ts'
import { grantProblem } from '../diagnosing/grant.ts'
import type { Where } from '../diagnosing/values.ts'
import { grantStatus } from '../grants.ts'

type HealthFacts = Pick<
  MailAccountInHand,
  'authentication' | 'grant' | 'appToken' | 'integrationActive' | 'lastValidation'
>

/** The same rule stands in SQL in store/mail-accounts.ts, where pages are filtered by it. */
export function healthOf(account: HealthFacts): Health {
  const { authentication, grant, appToken } = account
  if (authentication !== 'password' && !account.integrationActive) return 'inactive'
  if (authentication === 'oauth') {
    if (!grant) return 'reconnect_required'
    if (grant.state !== 'active') return grant.state
  }
  if (authentication === 'app_only' && appToken && appToken.state !== 'active') {
    return appToken.state
  }
  return account.lastValidation?.outcome === 'passed' ? 'ok' : 'unverified'
}

function problemOf(account: MailAccountInHand, where: Where): StateProblem | null {
  const { authentication, grant, appToken, integrationActive, failedStep, diagnosis } = account
  if (authentication !== 'password' && !integrationActive) {
    return {
      code: 'integration_inactive',
      detail: 'The Microsoft integration is switched off. Activate it, and this account goes on.',
    }
  }
  const unissued = appToken && appTokenProblem(appToken, where)
  if (unissued) return unissued
  if (authentication === 'oauth') {
    if (!grant) {
      return {
        code: 'reconnect_required',
        detail: 'The grant was deleted. Get a new access token and save the account with it.',
      }
    }
    const problem = grantProblem(grant, where)
    if (problem) return problem
  }
  if (account.lastValidation?.outcome !== 'failed') return null
  return {
    code: 'validation_failed',
    detail: failedStep ?? 'The last validation failed. Validate again to see why.',
    since: account.lastValidation.checkedAt.toISOString(),
    ...(diagnosis && { diagnosis }),
  }
}

function authenticationView(account: MailAccountInHand): MailAccount['authentication'] {
  const { authentication, grantId, tenant } = account
  if (authentication === 'password') return { type: 'password' }
  const microsoft = { type: 'oauth', provider: 'microsoft' } as const
  return authentication === 'oauth'
    ? { ...microsoft, flow: 'delegated', grant_id: grantId }
    : { ...microsoft, flow: 'app_only', tenant: tenant ?? '' }
}

export function mailAccountView(account: MailAccountInHand, where: Where): MailAccount {
  const { grant, lastValidation } = account
  const problem = problemOf(account, where)
  return {
    id: account.id,
    name: account.name,
    owner: account.owner,
    protocol: account.protocol,
    host: account.host,
    port: account.port,
    security: account.security,
    username: account.username,
    delegate: account.delegate,
    from: account.from,
    authentication: authenticationView(account),
    health: healthOf(account),
    ...(problem && { problem }),
    ...(grant && {
      grant: {
        id: grant.id,
        status: grantStatus(grant),
        signed_in_as: grant.signedInAs,
        access_token_expires_at: grant.accessTokenExpiresAt?.toISOString() ?? null,
      },
    }),
    ...(lastValidation && {
      last_validation: {
        id: lastValidation.id,
        outcome: lastValidation.outcome,
        checked_at: lastValidation.checkedAt.toISOString(),
      },
    }),
    created_at: account.createdAt.toISOString(),
    updated_at: account.updatedAt.toISOString(),
  }
}
