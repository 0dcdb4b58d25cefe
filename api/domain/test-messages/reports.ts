/** Reports of test messages: those of logins, with the step `send` and what became of the message. Pure. */
import { LOGIN_STEPS, type ProbeReport, type Step } from '../../../schema/probe.ts'
import type { CheckerFailure } from '../../checker-client.ts'
import { checkerReport, probeReport, type ValidationReport } from '../validations/reports.ts'

export type SendingReport = ValidationReport & {
  /** Null if the message may have been sent. */
  sent: boolean | null
}

const skipped = (name: Step['name']): Step => ({
  name,
  outcome: 'skipped',
  duration_ms: 0,
  detail: null,
})

const withStep = (report: ValidationReport, sent: boolean | null): SendingReport => ({
  ...report,
  steps: [...report.steps, skipped('send')],
  sent,
})

/** Returns the report of a message that the checker was not asked to send. */
export const unsentReport = (report: ValidationReport) => withStep(report, false)

export const sendingReport = (probe: ProbeReport): SendingReport => ({
  ...probeReport(probe),
  sent: probe.sent ?? null,
})

const NOTHING_SENT = 'Nothing was sent.'
const mayHaveBeenSent = (to: string) =>
  `The message may have been sent: look in the inbox of ${to} before you send another one.`

/** Returns the report of a message for which the checker sent no report. */
export function checkerFailureReport(failure: CheckerFailure, to: string): SendingReport {
  const { kind, status, retryAfter } = failure
  if (kind === 'refused' && status === 400) return outdatedCheckerReport(failure)
  // Only the checker itself names a time. Anything else may have lost its answer.
  const isRefused = kind === 'refused' || (kind === 'busy' && retryAfter !== null)
  return isRefused
    ? withStep(checkerReport(failure, NOTHING_SENT), false)
    : withStep(checkerReport(failure, mayHaveBeenSent(to)), null)
}

/** Explains why a checker whose key is right refuses a message: one from before messages could be sent. */
function outdatedCheckerReport(failure: CheckerFailure): SendingReport {
  const report = checkerReport(failure)
  const detail = `The checker, the service that logs in to mail servers, is an older version that cannot send messages. Ask your Mailgrant administrator to update it. ${NOTHING_SENT}`
  const steps = report.steps.map((step) => (step.detail === null ? step : { ...step, detail }))
  return withStep({ ...report, steps }, false)
}

/** Returns the report of a repeated request whose first attempt ended before its result was stored. */
export const interruptedReport = (to: string): SendingReport => ({
  outcome: 'inconclusive',
  mechanism: null,
  steps: [
    ...LOGIN_STEPS.map(skipped),
    {
      ...skipped('send'),
      outcome: 'inconclusive',
      detail: `An earlier attempt of this request was interrupted, and it is not repeated. ${mayHaveBeenSent(to)}`,
    },
  ],
  failure: null,
  sent: null,
})
