/** Why Entra issues no token to the app itself, or a mail server refuses it. Pure. */
import type { Diagnosis, Evidence } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import { clouds } from '../../entra/clouds.ts'
import type { AppTokenRecord } from '../../model/app-token.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import type { AccessTokenClaims, AppAtTenant } from '../../model/validation.ts'
import { SUSPECTED, splitFacts } from './facts.ts'
import { appValues, type Where } from './values.ts'

/** What is known of every login without a person. */
export const appOnlyEvidence = ({ cloud, tenant }: Omit<AppAtTenant, 'clientId'>): Evidence => ({
  flow: 'app_only',
  account_type: 'work',
  tenant,
  requested_scope: clouds[cloud].appOnlyScope,
})

/** What the token says of itself; without any role in it, that is stated too. */
export const appTokenEvidence = (token: AccessTokenClaims | null, now: Date): Evidence =>
  token
    ? {
        token_scopes: token.permissions ?? '',
        ...(token.audience && { token_audience: token.audience }),
        ...(token.expiresAt && { token_expired: token.expiresAt <= now.getTime() }),
      }
    : {}

/** The facts of a failed request for the app's own token, for the judge and the diagnosis. */
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
  diagnose(appTokenReport(app, facts), appValues(app, where))

/** Adds the diagnosis to a refusal where Microsoft's answer is known. */
export function withAppDiagnosis(
  refusal: TokenRefusal,
  app: AppAtTenant,
  where: Where,
): TokenRefusal {
  const { facts } = refusal
  return facts ? { ...refusal, diagnosis: diagnoseAppToken(app, facts, where) } : refusal
}

export function appTokenProblem(token: AppTokenRecord, where: Where): StateProblem | null {
  if (!token.problem) return null
  const { code, detail, since, facts } = token.problem
  return {
    code: code === SUSPECTED ? 'provider_unavailable' : code,
    detail,
    since: since.toISOString(),
    ...(facts && { diagnosis: diagnoseAppToken(token, facts, where) }),
  }
}
