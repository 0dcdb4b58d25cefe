/** From what Entra answered to the facts that are kept of it. */
import type { Evidence, Stage } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { StoredCredential } from '../../model/integration.ts'

/** `credential` is what went with the request; an answer that a browser brought had none. */
export function entraFacts(
  failure: EntraFailure,
  stage: Stage,
  credential: Pick<StoredCredential, 'type'> | null,
): FailureFacts {
  const asked = {
    stage,
    ...(credential && { client_auth: CLIENT_AUTH[credential.type] }),
  }
  if (failure.kind === 'refused') {
    const { error, aadsts, suberror } = failure.refusal
    return { ...asked, kind: 'refused', aadsts, oauth_error: error, suberror }
  }
  return { ...asked, kind: failure.kind, aadsts: 'aadsts' in failure ? failure.aadsts : null }
}

const CLIENT_AUTH = { client_secret: 'secret', certificate: 'certificate' } as const

/** Facts that are read as they are, and those that are evidence. */
export function splitFacts({ stage, signed_in_as, client_auth, ...facts }: FailureFacts) {
  const evidence: Evidence = {
    ...(client_auth && { client_auth }),
    ...(signed_in_as !== undefined && { signed_in_as }),
  }
  return { stage, facts, evidence }
}

/** Problem code of a refusal that counts only when it comes again. Readers see a passing failure. */
export const SUSPECTED = 'token_suspect'

export const markSuspect = (facts: FailureFacts): FailureFacts => ({ ...facts, unconfirmed: true })

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
