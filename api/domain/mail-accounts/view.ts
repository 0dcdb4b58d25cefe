/** Representation of mail accounts in the API. Pure. */
import { type MailAccount, plainValues } from '../../../schema/mail-account.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { PROTOCOL_NAMES } from '../../../schema/protocols.ts'
import type { GrantRecord } from '../../model/grant.ts'
import { accountHealth, type ShownAccount } from '../../model/loaded-mail-account.ts'
import { diagnoseValidation } from '../failures/login.ts'
import { appTokenProblem, grantProblem } from '../failures/token.ts'
import type { Where } from '../failures/values.ts'
import { grantStatus } from '../grants/grants.ts'

export const grantDeleted = {
  code: 'reconnect_required',
  detail: 'The sign-in was deleted. Sign in again, then save the account with the new sign-in.',
} as const

/** Returns the problem of an account whose sign-in lost the protocol, or its use in other people's mailboxes. */
const lostProtocol = (
  { protocol }: ShownAccount,
  { signedInAs, protocols }: GrantRecord,
): StateProblem => ({
  code: 'protocol_not_granted',
  detail: `Microsoft no longer grants ${PROTOCOL_NAMES[protocol]} to ${signedInAs}${protocols.includes(protocol) ? " for someone else's mailbox" : ''}. Your Microsoft 365 admin may have to consent to it again. Then validate the account.`,
})

function problemOf(account: ShownAccount, where: Where): StateProblem | null {
  const { authentication, grant, appToken, integrationActive, lastValidation, lastResult } = account
  if (authentication !== 'password' && !integrationActive) {
    return {
      code: 'integration_inactive',
      detail: 'The Microsoft integration is switched off. Activate it to use this account again.',
    }
  }
  const tokenProblem = appToken && appTokenProblem(appToken, where)
  if (tokenProblem) return tokenProblem
  if (authentication === 'oauth') {
    if (!grant) return grantDeleted
    if (account.grantState !== grant.state) return lostProtocol(account, grant)
    const problem = grantProblem(grant, where)
    if (problem) return problem
  }
  if (lastValidation?.outcome !== 'failed') return null
  const failedStep = lastResult?.steps.find(({ outcome }) => outcome === 'failed')?.detail
  const diagnosis = lastResult && diagnoseValidation(lastResult, where)
  return {
    code: 'login_failed',
    detail: failedStep ?? 'The last validation failed. Validate again to see why.',
    since: lastValidation.checkedAt.toISOString(),
    ...(diagnosis && { diagnosis }),
  }
}

function authenticationView(account: ShownAccount): MailAccount['authentication'] {
  const { authentication, grantId, tenant } = account
  if (authentication === 'password') return { type: 'password' }
  const microsoft = { type: 'oauth', provider: 'microsoft' } as const
  return authentication === 'oauth'
    ? { ...microsoft, flow: 'delegated', grant_id: grantId }
    : { ...microsoft, flow: 'app_only', tenant: tenant ?? '' }
}

export function mailAccountView(account: ShownAccount, where: Where): MailAccount {
  const { grant, lastValidation } = account
  return {
    id: account.id,
    customer: account.customer,
    owner: account.owner,
    protocol: account.protocol,
    host: account.host,
    port: account.port,
    security: account.security,
    username: account.username,
    ...plainValues(account),
    authentication: authenticationView(account),
    health: accountHealth(account),
    problem: problemOf(account, where),
    grant: grant && {
      id: grant.id,
      status: grantStatus(grant),
      signed_in_as: grant.signedInAs,
      access_token_expires_at: grant.accessTokenExpiresAt?.toISOString() ?? null,
    },
    last_validation: lastValidation && {
      id: lastValidation.id,
      outcome: lastValidation.outcome,
      checked_at: lastValidation.checkedAt.toISOString(),
    },
    created_at: account.createdAt.toISOString(),
    updated_at: account.updatedAt.toISOString(),
  }
}
