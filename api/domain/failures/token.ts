/** Reports and diagnoses of failed token requests, for a grant and for the app's own token, from stored facts. Pure. */
import type { Diagnosis, Evidence } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import { appOnlyScope } from '../../entra/scopes.ts'
import type { AppTokenRecord, GrantRecord } from '../../model/grant.ts'
import type { AccessTokenClaims, AppAtTenant, GrantFacts } from '../../model/validation.ts'
import { grantEvidence } from './evidence.ts'
import { splitFacts } from './facts.ts'
import { appValues, stateProblem, type Where } from './values.ts'

/** Builds the report from which both the judge and the diagnosis start. */
export function refreshReport(grant: GrantFacts, facts: FailureFacts): Report {
  const { evidence, ...read } = splitFacts(facts)
  return {
    protocol: 'token',
    error: '',
    ...read,
    evidence: {
      ...evidence,
      ...grantEvidence(grant),
      flow: 'delegated',
      // A grant proves that the app once received tokens for this account.
      worked_before: true,
    },
  }
}

export function diagnoseRefresh(grant: GrantFacts, facts: FailureFacts, where: Where): Diagnosis {
  const { tenantId: tenant, signedInAs } = grant
  return diagnose(refreshReport(grant, facts), {
    ...appValues({ ...grant, tenant }, where),
    mailbox: signedInAs,
    signedInAs,
  })
}

export const grantProblem = (grant: GrantRecord, where: Where): StateProblem | null =>
  stateProblem(grant, (facts) => diagnoseRefresh(grant, facts, where))

// The app's own token.

/** Returns the evidence that holds for every login without a user. */
export const appOnlyEvidence = ({
  cloud,
  tenant,
  resource = 'outlook',
}: Omit<AppAtTenant, 'clientId'>): Evidence => ({
  flow: 'app_only',
  account_type: 'work',
  tenant,
  requested_scope: appOnlyScope(cloud, resource),
})

/** Returns the claims of the token as evidence. A token without any role yields empty scopes. */
export const appTokenEvidence = (token: AccessTokenClaims | null, now: Date): Evidence =>
  token
    ? {
        token_scopes: token.permissions ?? '',
        ...(token.audience && { token_audience: token.audience }),
        ...(token.expiresAt && { token_expired: token.expiresAt <= now.getTime() }),
      }
    : {}

/** Builds the report from which both the judge and the diagnosis start. */
export function appTokenReport(app: Omit<AppAtTenant, 'clientId'>, facts: FailureFacts): Report {
  const { evidence, ...read } = splitFacts(facts)
  return {
    protocol: 'token',
    error: '',
    ...read,
    evidence: { ...evidence, ...appOnlyEvidence(app) },
  }
}

export const diagnoseAppToken = (app: AppAtTenant, facts: FailureFacts, where: Where): Diagnosis =>
  diagnose(appTokenReport(app, facts), appValues(app, where, 'app_only'))

export const appTokenProblem = (token: AppTokenRecord, where: Where): StateProblem | null =>
  stateProblem(token, (facts) => diagnoseAppToken(token, facts, where))
