/**
 * Reports of validations, including those without a login because there was no token, no checker or no time. Pure. A
 * token that Microsoft refuses is a failure, since every login would fail. If the checker or Microsoft does not
 * respond, the report is inconclusive.
 */
import type { Protocol } from '../../../schema/mail-servers.ts'
import {
  type CheckerFailure,
  GRAPH_STEPS,
  LOGIN_STEPS,
  type Outcome,
  type ProbeReport,
  type Step,
  type StepName,
} from '../../../schema/probe.ts'
import type { Reason } from '../../model/reason.ts'
import type { ValidationFailure } from '../../model/validation.ts'

export type ValidationReport = {
  outcome: Outcome
  mechanism: string | null
  /** All steps of the protocol in order. */
  steps: Step[]
  failure: ValidationFailure | null
}

const SKIPPED = { outcome: 'skipped', duration_ms: 0, detail: null } as const

const STEPS: Record<Protocol, readonly StepName[]> = {
  imap: LOGIN_STEPS,
  smtp: LOGIN_STEPS,
  graph_send: GRAPH_STEPS,
}

/** Returns a report in which all steps but this one are skipped. */
function report(
  order: readonly StepName[],
  outcome: Outcome,
  name: StepName,
  result: Omit<Step, 'name'>,
  failure: ValidationFailure,
): ValidationReport {
  const steps = order.map((step) => ({ name: step, ...(step === name ? result : SKIPPED) }))
  return { outcome, mechanism: null, steps, failure }
}

function noTokenReport(
  protocol: Protocol,
  outcome: 'failed' | 'inconclusive',
  detail: string,
  failure: ValidationFailure,
): ValidationReport {
  const result = { outcome, duration_ms: 0, detail: detail.slice(0, 1000) }
  return report(STEPS[protocol], outcome, 'authenticate', result, failure)
}

export function probeReport(probe: ProbeReport): ValidationReport {
  const { outcome, mechanism, steps, failure } = probe
  return { outcome, mechanism, steps, failure: failure && { from: 'checker', probe: failure } }
}

/** Returns the report of a refused token, or null if the call itself must be refused. */
export function tokenReport(refusal: Reason, protocol: Protocol): ValidationReport | null {
  if (refusal.reason !== 'token_refused') return null
  const { code, detail, facts = null } = refusal
  const missing = (outcome: 'failed' | 'inconclusive') =>
    noTokenReport(protocol, outcome, `There is no access token to log in with. ${detail}`, {
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

const NO_LOGIN = 'No login was attempted, so this says nothing about the mailbox.'

/** Returns the report of a login that the checker did not make. `conclusion` says what that means. */
export function checkerReport(
  { kind, status, retryAfter }: CheckerFailure,
  conclusion = NO_LOGIN,
): ValidationReport {
  const explanation = {
    unreachable: `The checker, the service that logs in to mail servers, ${
      status === null ? 'cannot be reached' : `failed with HTTP status ${status}`
    }. Ask your Mailgrant administrator to check that it is running and that CHECKER_URL points to it.`,
    timeout:
      'The checker, the service that logs in to mail servers, did not respond in time. Try again.',
    busy: `The checker is busy with other logins. Try again in ${retryAfter ?? 5} s.`,
    refused: `The checker refused the request with HTTP status ${status}. Ask your Mailgrant administrator to check that CHECKER_KEY and the version are the same on both sides, that their clocks agree and that CHECKER_URL points to the checker.`,
    malformed:
      'The response did not come from the checker, or came from one with a different key. Ask your Mailgrant administrator to check CHECKER_URL and CHECKER_KEY.',
    failed:
      'The checker, Mailgrant\'s service that logs in to mail servers, failed with an internal error. Ask your Mailgrant administrator to look for "crashed" or "bad_request" in the log.',
  }[kind]
  const failure = { from: 'worker' as const, checker: kind, status }
  return report(
    LOGIN_STEPS,
    'inconclusive',
    'dns',
    { ...SKIPPED, detail: `${explanation} ${conclusion}` },
    failure,
  )
}

export const CHECKER_TIMEOUT = { kind: 'timeout', status: null, retryAfter: null } as const

/** Returns the report of a token that Microsoft did not issue in time. */
export const tokenTimeoutReport = (protocol: Protocol): ValidationReport =>
  noTokenReport(
    protocol,
    'inconclusive',
    `Microsoft did not issue an access token in time. Try again. ${NO_LOGIN}`,
    {
      from: 'token',
      code: 'provider_unavailable',
      facts: { stage: 'refresh', kind: 'timeout' },
    },
  )

// Reports of test messages, which are those of logins with the step `send` and what became of the message.

export type SendingReport = ValidationReport & {
  /** Null if the message may have been sent. */
  sent: boolean | null
}

export const skipped = (name: StepName): Step => ({ name, ...SKIPPED })

const withStep = (report: ValidationReport, sent: boolean | null): SendingReport => ({
  ...report,
  steps: [...report.steps, skipped('send')],
  sent,
})

/** Returns the report of a message that was not sent, since there was no login. */
export const unsentReport = (report: ValidationReport) => withStep(report, false)

export const sendingReport = (probe: ProbeReport): SendingReport => ({
  ...probeReport(probe),
  sent: probe.sent ?? null,
})

export const NOTHING_SENT = 'Nothing was sent.'
export const mayHaveBeenSent = (to: string) =>
  `The message may have been sent: look in the inbox of ${to} before you send another one.`

/** Returns the report of a message for which the checker sent no report. */
export function checkerFailureReport(failure: CheckerFailure, to: string): SendingReport {
  const { kind, retryAfter } = failure
  // A time to wait comes from the checker itself, which then did nothing. Otherwise its response may have been lost.
  const isRefused = kind === 'refused' || (kind === 'busy' && retryAfter !== null)
  return isRefused
    ? withStep(checkerReport(failure, NOTHING_SENT), false)
    : withStep(checkerReport(failure, mayHaveBeenSent(to)), null)
}

/** Returns the report of a repeated request whose first attempt ended before its result was stored. */
export const interruptedReport = (protocol: Protocol, to: string): SendingReport => ({
  outcome: 'inconclusive',
  mechanism: null,
  steps: [
    ...STEPS[protocol].map(skipped),
    {
      ...skipped('send'),
      outcome: 'inconclusive',
      detail: `An earlier attempt of this request was interrupted, and it is not repeated. ${mayHaveBeenSent(to)}`,
    },
  ],
  failure: null,
  sent: null,
})
