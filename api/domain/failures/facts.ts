/** Facts about Entra's responses, in the form in which they are stored. */
import type { Evidence, Stage } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { CredentialFacts } from '../../model/integration.ts'

/** The stored refresh token cannot be decrypted, so Entra was not asked. */
export type DamagedToken = { kind: 'token_damaged' }

/** Extracts the facts to store. `credential`: sent with the request; null for a callback. */
export function entraFacts(
  failure: EntraFailure | DamagedToken,
  stage: Stage,
  credential: Pick<CredentialFacts, 'type'> | null,
): FailureFacts {
  const request = {
    stage,
    ...(credential && { client_auth: CLIENT_AUTH[credential.type] }),
  }
  if (failure.kind === 'refused') {
    const { error, aadsts, suberror } = failure.refusal
    return { ...request, kind: 'refused', aadsts, oauth_error: error, suberror }
  }
  if (failure.kind === 'unreachable') {
    const { host, code } = failure
    return { ...request, kind: 'unreachable', login_host: host, node_code: code }
  }
  if (failure.kind === 'malformed') {
    const { host, status, defect } = failure
    return { ...request, kind: 'malformed', login_host: host, response: { status, defect } }
  }
  return { ...request, kind: failure.kind, aadsts: 'aadsts' in failure ? failure.aadsts : null }
}

const CLIENT_AUTH = {
  client_secret: 'secret',
  certificate: 'certificate',
  federated: 'federated',
} as const

/** Separates stored facts into stage, observed facts, and evidence. */
export function splitFacts({ stage, signed_in_as, client_auth, ...facts }: FailureFacts) {
  const evidence: Evidence = {
    ...(client_auth && { client_auth }),
    ...(signed_in_as !== undefined && { signed_in_as }),
  }
  return { stage, facts, evidence }
}

/** Problem code of a refusal that counts only when repeated. The API shows `provider_unavailable`. */
export const SUSPECTED = 'token_suspect'

/** Returns the fields to log, with the trace ID that Microsoft support asks for, and never a URL. */
export function loggedFacts(failure: EntraFailure | DamagedToken) {
  if (failure.kind === 'unreachable') {
    return { kind: failure.kind, host: failure.host, network_code: failure.code }
  }
  if (failure.kind === 'malformed') return failure
  if (failure.kind !== 'refused') return { kind: failure.kind }
  const { error, aadsts, traceId } = failure.refusal
  return { kind: error, aadsts, trace_id: traceId }
}

/**
 * Builds the facts of a sign-in under the wrong account. `expected`: left out if it is the account of the
 * authorization.
 */
export const mismatchFacts = (signedInAs: string | null, expected?: string): FailureFacts => ({
  stage: 'callback',
  kind: 'account_mismatch',
  ...(signedInAs !== null && { signed_in_as: signedInAs }),
  ...(expected !== undefined && { expected }),
})
