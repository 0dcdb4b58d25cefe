/**
 * What a validation says when there was no login to report: no token, no checker, no time. Pure.
 * A token that Microsoft refuses is a failure, since every login would fail as well. A checker or a
 * Microsoft that does not answer says nothing about the credential: inconclusive.
 */
import type { Outcome, ProbeReport, Step, StepName } from '../../../schema/probe.ts'
import type { CheckerFailure } from '../../checker-client.ts'
import type { TokenRefusal } from '../../model/reason.ts'
import type { ValidationFailure } from '../../model/validation.ts'

export type ValidationReport = {
  outcome: Outcome
  mechanism: string | null
  /** All six, as the checker reports them too. */
  steps: Step[]
  failure: ValidationFailure | null
}

const STEPS: readonly StepName[] = ['dns', 'connect', 'tls', 'greeting', 'authenticate', 'mailbox']

const SKIPPED = { outcome: 'skipped', duration_ms: 0, detail: null } as const

/** No step was taken but the one that tells what is known. */
function report(
  outcome: Outcome,
  name: StepName,
  told: Omit<Step, 'name'>,
  failure: ValidationFailure,
): ValidationReport {
  const steps = STEPS.map((step) => ({ name: step, ...(step === name ? told : SKIPPED) }))
  return { outcome, mechanism: null, steps, failure }
}

function noToken(
  outcome: 'failed' | 'inconclusive',
  detail: string,
  failure: ValidationFailure,
): ValidationReport {
  const told = { outcome, duration_ms: 0, detail: detail.slice(0, 1000) }
  return report(outcome, 'authenticate', told, failure)
}

export function probeReport(probe: ProbeReport): ValidationReport {
  const { outcome, mechanism, steps, failure } = probe
  return { outcome, mechanism, steps, failure: failure && { from: 'checker', probe: failure } }
}

/** The report of a token that could not be had, or null when the call itself must be refused. */
export function tokenReport({
  code,
  detail,
  facts = null,
}: Pick<TokenRefusal, 'code' | 'detail' | 'facts'>): ValidationReport | null {
  const missing = (outcome: 'failed' | 'inconclusive') =>
    noToken(outcome, `There is no access token to log in with. ${detail}`, {
      from: 'token',
      code,
      facts,
    })
  switch (code) {
    case 'reconnect_required':
    case 'grant_blocked':
    case 'credential_rejected':
      return missing('failed')
    case 'provider_unavailable':
      return missing('inconclusive')
    default:
      return null
  }
}

const NOTHING = 'Nothing was tried, so this says nothing about the mailbox.'

export function checkerReport({ kind, status, retryAfter }: CheckerFailure): ValidationReport {
  const what = {
    unreachable: `The checker, the service that logs in to mail servers, ${
      status === null ? 'cannot be reached' : `failed with HTTP status ${status}`
    }. Whoever runs Mailgrant should see that it runs and that CHECKER_URL leads to it.`,
    timeout:
      'The checker, the service that logs in to mail servers, did not answer in time. Try again.',
    busy: `The checker is busy with other logins. Try again in ${retryAfter ?? 5} s.`,
    refused: `The checker refused the request with HTTP status ${status}. Whoever runs Mailgrant should see that CHECKER_KEY is the same on both sides, that their clocks agree, and that CHECKER_URL leads to the checker.`,
    nonsense:
      'What answered was not the checker, or a checker with another key. Whoever runs Mailgrant should check CHECKER_URL and CHECKER_KEY.',
  }[kind]
  const failure = { from: 'worker' as const, checker: kind, status }
  return report('inconclusive', 'dns', { ...SKIPPED, detail: `${what} ${NOTHING}` }, failure)
}

/** Microsoft or the checker used up the time that a caller is made to wait. */
export function lateReport(waitedFor: 'token' | 'checker'): ValidationReport {
  return waitedFor === 'checker'
    ? checkerReport({ kind: 'timeout', status: null, retryAfter: null })
    : noToken(
        'inconclusive',
        `Microsoft did not issue an access token in time. Try again. ${NOTHING}`,
        {
          from: 'token',
          code: 'provider_unavailable',
          facts: { stage: 'refresh', kind: 'timeout' },
        },
      )
}
