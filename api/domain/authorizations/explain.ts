/** Failures at Entra in the words of somebody who is signing in: a code is good for one try only. */
import type { Stage } from '../../../schema/diagnosis.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { type EntraFailure, type EntraRefusal, explain } from '../../entra/errors.ts'
import type { StoredCredential } from '../../model/integration.ts'
import { type Refusal, refuse } from '../../result.ts'
import { entraFacts } from '../diagnosing/facts.ts'
import { effectHere } from '../tokens/refresh-decision.ts'

/** What was asked: at which tenant, and with which credential, where one went with it. */
type Asked = { stage: Stage; tenant: string; credential: StoredCredential | null }

/** Why a sign-in came to nothing, and who has to do what. Holds no word of Microsoft's answer. */
export function explainSignIn(
  failure: EntraFailure,
  { stage, tenant, credential }: Asked,
): Refusal {
  const sentence = explain(failure)
  const facts = entraFacts(failure, stage, credential)
  switch (effectHere(failure, { tenantId: null }, { tenant, homeTenant: null })) {
    case 'credential_rejected':
      return refuse('credential_rejected', sentence, { facts }).error
    case 'cool_down':
      return refuse('provider_unavailable', startAgain(sentence), { facts }).error
    case 'suspect':
      return refuse('sign_in_refused', startAgain(sentence), { facts }).error
    default:
      return refuse('sign_in_refused', sentence, { facts }).error
  }
}

/** Replaces the advice that a stored grant would get: here nothing is tried again by itself. */
const startAgain = (sentence: string) =>
  `${sentence.split(': ')[0]}. A sign-in cannot be repeated by itself: start again${code(sentence)}.`

const code = (sentence: string) => / \(AADSTS\d+\)(?=\.$)/.exec(sentence)?.[0] ?? ''

/** Numbers behind which an admin of the organisation can open the way with one consent. */
const ADMIN_CONSENT = [65001, 65004, 90094, 90095, 90099]

/**
 * Whether an admin-consent link may help. A person who is sent back from "Need admin approval" counts
 * as one who declined (65004), so that this one is only a maybe.
 */
export function adminMayHelp({ kind, aadsts, oauth_error }: FailureFacts): boolean {
  if (kind === 'no_mail_scope') return true
  if (kind !== 'refused') return false
  return typeof aadsts === 'number'
    ? ADMIN_CONSENT.includes(aadsts)
    : oauth_error === 'consent_required'
}

export const refused = (refusal: EntraRefusal): EntraFailure => ({ kind: 'refused', refusal })
