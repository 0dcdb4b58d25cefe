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
  const { kind, retryAfter } = failure
  // Only the checker itself names a time. Anything else may have lost its answer.
  const isRefused = kind === 'refused' || (kind === 'busy' && retryAfter !== null)
  return isRefused
    ? withStep(checkerReport(failure, NOTHING_SENT), false)
    : withStep(checkerReport(failure, mayHaveBeenSent(to)), null)
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
