/** Mail accounts as the API shows them, and their health. Pure. */
import type { Health, MailAccount } from '../../schema/mail-account.ts'
import type { StateProblem } from '../../schema/problem.ts'
import type { MailAccountInHand } from '../store/mail-accounts.ts'
import { grantProblem } from './diagnosing/grant.ts'
import type { Where } from './diagnosing/values.ts'
import { grantStatus } from './grants.ts'

type HealthFacts = Pick<
  MailAccountInHand,
  'authentication' | 'grant' | 'integrationActive' | 'lastValidation'
>

/** The same rule stands in SQL in store/mail-accounts.ts, where pages are filtered by it. */
export function healthOf(account: HealthFacts): Health {
  if (account.authentication === 'oauth') {
    if (!account.integrationActive) return 'inactive'
    if (!account.grant) return 'reconnect_required'
    if (account.grant.state !== 'active') return account.grant.state
  }
  return account.lastValidation?.outcome === 'passed' ? 'ok' : 'unverified'
}

function problemOf(account: MailAccountInHand, where: Where): StateProblem | null {
  const { grant, integrationActive, failedStep, diagnosis } = account
  if (account.authentication === 'oauth') {
    if (!integrationActive) {
      return {
        code: 'integration_inactive',
        detail: 'The Microsoft integration is switched off. Activate it, and this account goes on.',
      }
    }
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
    authentication:
      account.authentication === 'oauth'
        ? { type: 'oauth', provider: 'microsoft', flow: 'delegated', grant_id: account.grantId }
        : { type: 'password' },
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
