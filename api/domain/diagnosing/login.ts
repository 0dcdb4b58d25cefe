/** Why a login did not pass: its facts, weighed with all that the product knows about it. Pure. */

import type { Diagnosis, Evidence } from '../../../schema/diagnosis.ts'
import { diagnose, type FixValues } from '../../diagnosis/diagnose.ts'
import { probeFailureReport } from '../../diagnosis/report.ts'
import type { TokenFacts } from '../../entra/access-token.ts'
import type { GrantRecord } from '../../model/grant.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { ValidationRecord } from '../../model/validation.ts'
import { appOnlyEvidence, appTokenEvidence, diagnoseAppToken } from './app-token.ts'
import { plainDiagnosis } from './entry.ts'
import { accountEvidence } from './evidence.ts'
import { diagnoseRefresh } from './grant.ts'
import type { KnownHistory } from './history.ts'
import { type AppAtTenant, accountValues, appValues, type Where } from './values.ts'

export type LoginFacts = {
  validation: Pick<ValidationRecord, 'outcome' | 'failure' | 'mechanism' | 'steps' | 'checkedAt'>
  values: Pick<
    MailAccountValues,
    'protocol' | 'host' | 'port' | 'security' | 'username' | 'delegate' | 'from' | 'authentication'
  >
  grant: GrantRecord | null
  /** Of an app-only account. */
  app: AppAtTenant | null
  /** What the access token says of itself, where it can be read. */
  token: TokenFacts | null
  /** How the same server took the same token under the name of the one who signed in. */
  delegateLogin: 'ok' | 'failed' | null
  history: KnownHistory | null
}

/** Null when it passed, and when nothing was found out: then the steps say why. */
export function diagnoseLogin(login: LoginFacts, where: Where): Diagnosis | null {
  const { outcome } = login.validation
  if (outcome === 'passed') return null
  const diagnosis = weigh(login, where)
  return outcome === 'inconclusive' && diagnosis?.verdict === 'unknown' ? null : diagnosis
}

function weigh(login: LoginFacts, where: Where): Diagnosis | null {
  const { validation, values, grant, app, history } = login
  const { failure } = validation
  const fill = () => valuesOf(login, where)
  switch (failure?.from) {
    case 'checker':
      return diagnose(
        probeFailureReport(values.protocol, failure.probe, {
          evidence: evidenceOf(login),
          appWorks: history?.appWorks ?? null,
          delegateLogin: login.delegateLogin,
        }),
        fill(),
      )
    case 'worker':
      return diagnose(
        { protocol: values.protocol, error: '', facts: { kind: 'checker_unavailable' } },
        fill(),
      )
    case 'token':
      if (failure.facts && grant) return diagnoseRefresh(grant, failure.facts, where)
      if (failure.facts && app) return diagnoseAppToken(app, failure.facts, where)
      return validation.outcome === 'failed' ? noToken(validation.steps) : null
    default:
      return null
  }
}

/** Not Microsoft but we ourselves have no token: the grant was deleted or the app was changed. */
const noToken = (steps: ValidationRecord['steps']): Diagnosis =>
  plainDiagnosis('refresh-token-missing', {
    title: 'There is no token to log in with',
    explanation:
      steps.find(({ outcome }) => outcome === 'failed')?.detail ?? 'The grant holds no token.',
    fixes: [{ text: 'Get a new access token, and save the account with it.' }],
  })

function evidenceOf(login: LoginFacts): Evidence {
  const { values, grant, app, token, history, validation } = login
  const { workedBefore, otherProtocol } = history ?? {}
  return {
    ...accountEvidence(values, grant, { facts: token, now: validation.checkedAt }),
    ...(app && { ...appOnlyEvidence(app), ...appTokenEvidence(token, validation.checkedAt) }),
    ...(validation.mechanism !== null && { mechanism: validation.mechanism }),
    ...(workedBefore && { worked_before: true }),
    ...(otherProtocol && { other_protocol: otherProtocol === 'passed' ? 'ok' : 'failed' }),
  }
}

const valuesOf = ({ values, grant, app, token }: LoginFacts, where: Where): FixValues => ({
  ...(app && appValues(app, where)),
  ...(grant && appValues({ ...grant, tenant: grant.tenantId }, where)),
  ...(token?.appId && { clientId: token.appId }),
  ...accountValues(values),
  signedInAs: grant?.signedInAs,
})
