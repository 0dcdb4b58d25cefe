/** Diagnoses of failed and inconclusive logins, from stored facts. Pure. */
import type { Diagnosis, Evidence } from '../../../schema/diagnosis.ts'
import { diagnose, type FixValues } from '../../diagnosis/diagnose.ts'
import { graphFailureReport, probeFailureReport, reportProtocolOf } from '../../diagnosis/report.ts'
import type { LoginFacts, ValidationRecord } from '../../model/validation.ts'
import { accountEvidence } from './evidence.ts'
import { appOnlyEvidence, appTokenEvidence, diagnoseAppToken, diagnoseRefresh } from './token.ts'
import { accountValues, appValues, plainDiagnosis, type Where } from './values.ts'

type LoginResult = Pick<
  ValidationRecord,
  | 'outcome'
  | 'failure'
  | 'mechanism'
  | 'steps'
  | 'checkedAt'
  | 'protocol'
  | 'host'
  | 'port'
  | 'security'
>

/** Returns the diagnosis of a stored validation, derived from its facts with today's catalogue. */
export const diagnoseValidation = (validation: ValidationRecord, where: Where): Diagnosis | null =>
  validation.facts && diagnoseLogin(validation, validation.facts, where)

/** Diagnoses a login. Returns null if it passed, or if its steps already say all that is known. */
export function diagnoseLogin(
  login: LoginResult,
  facts: LoginFacts,
  where: Where,
): Diagnosis | null {
  const { outcome } = login
  if (outcome === 'passed') return null
  const diagnosis = diagnoseByOrigin(login, facts, where)
  return outcome === 'inconclusive' && diagnosis?.verdict === 'unknown' ? null : diagnosis
}

function diagnoseByOrigin(login: LoginResult, facts: LoginFacts, where: Where): Diagnosis | null {
  const { failure } = login
  const protocol = reportProtocolOf(login.protocol)
  const { grant, app, history, delegateLogin } = facts
  const fixValues = () => valuesOf(login, facts, where)
  switch (failure?.from) {
    case 'checker':
      return diagnose(
        probeFailureReport(protocol, failure.probe, {
          evidence: evidenceOf(login, facts),
          appWorks: history?.appWorks ?? null,
          delegateLogin,
        }),
        fixValues(),
      )
    case 'graph':
      return diagnose(
        graphFailureReport(failure.facts, {
          evidence: evidenceOf(login, facts),
          appWorks: history?.appWorks ?? null,
        }),
        fixValues(),
      )
    case 'worker':
      return diagnose({ protocol, error: '', facts: { kind: 'checker_unavailable' } }, fixValues())
    case 'token':
      if (failure.facts && grant) return diagnoseRefresh(grant, failure.facts, where)
      if (failure.facts && app) return diagnoseAppToken(app, failure.facts, where)
      return login.outcome === 'failed' ? noToken(login, where) : null
    default:
      return null
  }
}

/** Diagnoses a token that is missing here, because the grant was deleted or the app was changed. */
const noToken = ({ steps, protocol }: LoginResult, where: Where): Diagnosis =>
  plainDiagnosis(
    'refresh-token-missing',
    {
      title: 'There is no access token to log in with',
      explanation:
        steps.find(({ outcome }) => outcome === 'failed')?.detail ??
        'The sign-in contains no access token.',
      fixes: [{ text: 'Sign in again, then save the email account with the new sign-in.' }],
    },
    { interpretation: { protocol: reportProtocolOf(protocol), stage: null }, where },
  )

function evidenceOf(login: LoginResult, facts: LoginFacts): Evidence {
  const { values, grant, app, token, history } = facts
  const { workedBefore, otherProtocol } = history ?? {}
  const { mechanism, checkedAt } = login
  return {
    ...accountEvidence({ ...login, ...values }, grant, { facts: token, now: checkedAt }),
    ...(app && { ...appOnlyEvidence(app), ...appTokenEvidence(token, checkedAt) }),
    ...(mechanism !== null && { mechanism }),
    ...(workedBefore && { worked_before: true }),
    ...(otherProtocol && { other_protocol: otherProtocol === 'passed' ? 'ok' : 'failed' }),
  }
}

const valuesOf = (
  login: LoginResult,
  { values, grant, app, token }: LoginFacts,
  where: Where,
): FixValues => ({
  causePages: where.urls.causes,
  ...(app && appValues(app, where, 'app_only')),
  ...(grant && appValues({ ...grant, tenant: grant.tenantId }, where)),
  ...(token?.appId && { clientId: token.appId }),
  ...accountValues({ ...login, ...values }),
  signedInAs: grant?.signedInAs,
})
