/** Reports and diagnoses of failed refreshes, from stored facts. Pure. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import type { GrantRecord } from '../../model/grant.ts'
import type { GrantFacts } from '../../model/validation.ts'
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
