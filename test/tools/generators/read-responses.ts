/**
 * Reads responses as a program of an integrator does. It is compiled once for each generator: generate-clients.ts makes
 * a copy in `.tmp/` that imports the types of that client.
 */
import type { Authorization, Diagnosis, Grant, Problem, WebhookMessage } from '../.tmp/orval.ts'

export const explain = ({ code, detail, diagnosis }: Problem): string =>
  code === 'integration_inactive' ? 'Activate it.' : diagnosis ? adviceOf(diagnosis) : detail

export const adviceOf = ({ candidates }: Diagnosis): string =>
  candidates.map(({ cause, fixes }) => `${cause}: ${fixes[0]?.command ?? ''}`).join()

/** Returns the grant, or why there is none. */
export function grantOf(authorization: Authorization): Grant | string {
  switch (authorization.status) {
    case 'completed':
      return authorization.grant ?? 'It was not saved in time.'
    case 'pending':
      return authorization.hint ? adviceOf(authorization.hint) : 'Wait.'
    case 'failed':
    case 'expired':
      return authorization.problem.code === 'account_mismatch'
        ? 'Sign in as somebody else.'
        : authorization.problem.detail
  }
}

export function receive(body: string): string {
  const message: WebhookMessage = JSON.parse(body)
  switch (message.type) {
    case 'grant.reconnect_required':
      return `${message.data.signed_in_as}: ${message.data.detail}`
    case 'integration.secret_expiring':
      return `${message.data.days_left} days`
    default:
      return message.data.subject
  }
}
