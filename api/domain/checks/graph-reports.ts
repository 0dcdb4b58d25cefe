/**
 * Reports of requests to Microsoft Graph. Pure. Two responses to the probe are verdicts, the refusal of its text and the
 * denial of access. Any other says nothing about the permission, so it is inconclusive.
 */
import type { GraphFacts } from '../../../schema/failure.ts'
import { GRAPH_STEPS, type Step, type StepName } from '../../../schema/probe.ts'
import type { GraphResponse, GraphResult } from '../../graph/errors.ts'
import {
  mayHaveBeenSent,
  NOTHING_SENT,
  type SendingReport,
  skipped,
  type ValidationReport,
} from './reports.ts'

/** The reason why Graph was not asked whether it would send. */
export type Untried =
  /** Graph's response to the probe has never been measured for these accounts. */
  | 'unmeasured'
  /** Scheduled validations never ask, since a thousand malformed messages a day would look like an attack. */
  | 'schedule'
  /** A refusal of Graph's stands until a person or a key asks again. */
  | 'refused_before'

const ISSUED = 'Microsoft issued an access token for Graph.'

/** State of the permission without a request, and the sentence on what was and was not proven. */
const UNTRIED: Record<Untried, Pick<Step, 'outcome' | 'detail'>> = {
  unmeasured: {
    outcome: 'skipped',
    detail: `${ISSUED} Sending from this mailbox was not tried. With a delegate or app-only access, only a message shows whether it works, so send a test message.`,
  },
  schedule: {
    outcome: 'passed',
    detail:
      'The access token has the permission to send. Scheduled validations try nothing else. Validate the account yourself to try more.',
  },
  refused_before: {
    outcome: 'failed',
    detail:
      'Graph refused to send. Scheduled validations do not try again. Once that is fixed, validate the account.',
  },
}

/** Returns the report of an account whose token is all that is known. */
export function untriedReport(untried: Untried): ValidationReport {
  const { outcome, detail } = UNTRIED[untried]
  return {
    outcome: outcome === 'skipped' ? 'passed' : outcome,
    mechanism: null,
    steps: [
      skipped('connect'),
      { name: 'authenticate', outcome: 'passed', duration_ms: 0, detail: ISSUED },
      { name: 'permission', outcome, duration_ms: 0, detail },
    ],
    failure: null,
  }
}

/** Returns the warning that sending with a delegate or app-only access was not tried; null in all other cases. */
export const unprovenWarning = (untried: Untried | null): string | null =>
  untried === 'unmeasured' ? UNTRIED[untried].detail : null

type Reading = Pick<ValidationReport, 'outcome'> & { detail?: string }

/** Returns the report of the probe. */
export const permissionReport = (result: GraphResult, durationMs: number): ValidationReport =>
  reportOf('permission', result, durationMs, ({ status, code }) => {
    if (status === 400 && code === 'ErrorMimeContentInvalidBase64String') {
      const detail =
        "Graph would send. It refused a text that isn't a message, and for that reason only. Nothing was sent."
      return { outcome: 'passed', detail }
    }
    const detail = "Graph accepted a text that isn't a message. Send a test message to make sure."
    return { outcome: 'inconclusive', ...(status === 202 && { detail }) }
  })

/** Returns the report of a test message for `to`. A message without a clear response may have been sent. */
export function graphSendingReport(
  result: GraphResult,
  to: string,
  durationMs: number,
): SendingReport {
  const sent = wasSent(result)
  const end = sent === false ? NOTHING_SENT : mayHaveBeenSent(to)
  const read = ({ status, code }: GraphResponse): Reading => {
    if (status === 202) {
      const detail = `Graph accepted the message for ${to}. That is not delivery. If it can't be delivered, a report arrives in the sender's inbox.`
      return { outcome: 'passed', detail }
    }
    const isRefusal = status >= 400 && status < 500 && ![408, 429].includes(status)
    return { outcome: isRefusal && (code !== null || status === 401) ? 'failed' : 'inconclusive' }
  }
  return { ...reportOf('send', result, durationMs, read, sent ? '' : ` ${end}`), sent }
}

function quote({ status, code, message, retryAfterSeconds }: GraphResponse): string {
  const error =
    code === null
      ? `The response has the HTTP status ${status} and no Graph error code.`
      : `${status} ${code}${message === null ? '' : `: ${message}`}`
  if (status !== 429) return error
  const wait = retryAfterSeconds === null ? '' : ` in ${retryAfterSeconds} s`
  return `${error} Graph is cooling down, which says nothing about the mailbox. Try again${wait}.`
}

/** Reasons for which there was no connection. With any other, the request may have arrived. */
const NO_CONNECTION: readonly string[] = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'PROXY_UNREACHABLE',
  'PROXY_REFUSED',
]

/** Returns whether Graph accepted the message; null if that is unknown. */
function wasSent(result: GraphResult): boolean | null {
  if (result.kind === 'unreachable') return NO_CONNECTION.includes(result.reason) ? false : null
  const { status } = result
  if (status === 202) return true
  return status >= 300 && status < 500 && status !== 408 ? false : null
}

/**
 * Builds a report. `read`: returns the meaning of a response, which is quoted unless that has a `detail`. `end`: the
 * sentence after it.
 */
function reportOf(
  probe: GraphFacts['probe'],
  result: GraphResult,
  durationMs: number,
  read: (response: GraphResponse) => Reading,
  end = '',
): ValidationReport {
  const isResponse = result.kind === 'response'
  const { outcome, detail } = isResponse ? readingOf(result, read) : noResponse(result)
  const order: readonly StepName[] = probe === 'send' ? [...GRAPH_STEPS, 'send'] : GRAPH_STEPS
  const at = order.indexOf(isResponse ? stepOf(result, probe) : 'connect')
  const steps = order.map((name, index): Step => {
    if (index > at) return skipped(name)
    if (index < at) return { name, outcome: 'passed', duration_ms: 0, detail: null }
    return { name, outcome, duration_ms: durationMs, detail: `${detail}${end}`.slice(0, 1000) }
  })
  const { status, code, message, requestId } = isResponse ? result : NO_RESPONSE
  const reason = isResponse ? null : result.reason
  const facts = { status, code, message, request_id: requestId, reason, probe }
  return {
    outcome,
    mechanism: isResponse ? 'Bearer' : null,
    steps,
    failure: outcome === 'passed' ? null : { from: 'graph', facts },
  }
}

const NO_RESPONSE = { status: null, code: null, message: null, requestId: null }

const noResponse = ({ reason }: GraphResult & { kind: 'unreachable' }): Required<Reading> => ({
  outcome: 'inconclusive',
  detail:
    reason === 'timeout'
      ? 'Graph did not respond in time. Try again.'
      : `Graph could not be reached (${reason}).`,
})

const isDenied = ({ status, code }: GraphResponse) => status === 403 && code === 'ErrorAccessDenied'

function readingOf(
  response: GraphResponse,
  read: (response: GraphResponse) => Reading,
): Required<Reading> {
  const words = quote(response)
  return isDenied(response)
    ? { outcome: 'failed', detail: `Graph refuses to send from this mailbox: ${words}` }
    : { detail: words, ...read(response) }
}

/** Returns the step at which a response ended the check. One without a Graph error comes from a proxy or a gateway. */
function stepOf(response: GraphResponse, last: StepName): StepName {
  const { status, code } = response
  if (status === 401) return 'authenticate'
  if (isDenied(response)) return 'permission'
  return code === null && status !== 202 ? 'connect' : last
}
