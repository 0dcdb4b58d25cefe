/** Reports and diagnoses of failed refreshes, from stored facts. Pure. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import type { GrantRecord } from '../../model/grant.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import type { GrantFacts } from '../../model/validation.ts'
import { grantEvidence } from './evidence.ts'
import { SUSPECTED, splitFacts } from './facts.ts'
import { appValues, type Where } from './values.ts'

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
  const { clientId, cloud, tenantId: tenant, signedInAs } = grant
  return diagnose(refreshReport(grant, facts), {
    ...appValues({ clientId, cloud, tenant }, where),
    mailbox: signedInAs,
    signedInAs,
  })
}

/** Adds the diagnosis to a refusal where Microsoft's answer is known. */
export function withDiagnosis(
  refusal: TokenRefusal,
  grant: GrantRecord,
  where: Where,
): TokenRefusal {
  const { facts } = refusal
  return facts ? { ...refusal, diagnosis: diagnoseRefresh(grant, facts, where) } : refusal
}

export function grantProblem(grant: GrantRecord, where: Where): StateProblem | null {
  if (!grant.problem) return null
  const { code, detail, since, facts } = grant.problem
  return {
    code: code === SUSPECTED ? 'provider_unavailable' : code,
    detail,
    since: since.toISOString(),
    ...(facts && { diagnosis: diagnoseRefresh(grant, facts, where) }),
  }
}
