/** From what Entra answered to the facts that are kept of it. */
import type { Stage } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { EntraFailure } from '../../entra/errors.ts'

export function entraFacts(failure: EntraFailure, stage: Stage): FailureFacts {
  if (failure.kind === 'refused') {
    const { error, aadsts, suberror } = failure.refusal
    return { stage, kind: 'refused', aadsts, oauth_error: error, suberror }
  }
  return { stage, kind: failure.kind, aadsts: 'aadsts' in failure ? failure.aadsts : null }
}

/** What goes into the log, where an operator looks for the trace that Microsoft asks for. */
export function loggedFacts(failure: EntraFailure) {
  if (failure.kind !== 'refused') return { kind: failure.kind }
  const { error, aadsts, traceId } = failure.refusal
  return { kind: error, aadsts, trace_id: traceId }
}

/** Another account signed in than the one that was expected, by the authorization or by name. */
export const mismatchFacts = (signedInAs: string | null, expected?: string): FailureFacts => ({
  stage: 'callback',
  kind: 'account_mismatch',
  ...(signedInAs !== null && { signed_in_as: signedInAs }),
  ...(expected !== undefined && { expected }),
})
