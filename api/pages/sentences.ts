/** Translations of the API's English sentences. */
import type { CauseEntry } from '../../schema/diagnosis.ts'
import { problemTable } from '../../schema/problems.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import type { SignInFailure } from '../model/reason.ts'
import type { Texts } from './texts/en.ts'

type ByKey = Partial<Record<string, string>>

/** Returns the step that the person who signs in takes against a cause. */
export const stepText = ({ sentences }: Texts, cause: string | undefined): string | undefined =>
  sentences?.steps[cause ?? '']

export const rejectionText = ({ sentences }: Texts, key: string): string | undefined =>
  (sentences?.rejections as ByKey | undefined)?.[key]

/** Returns the title for a person, where the API's title would confuse. */
export function titleOf(
  { titles, sentences }: Texts,
  { code, facts }: Pick<SignInFailure, 'code' | 'facts'>,
): string {
  // The right account signed in, but without a permission that the reconnection requires.
  const lacking = code === 'account_mismatch' && facts?.kind === 'no_mail_scope'
  const shown = lacking ? 'protocol_not_granted' : code
  const known = (titles as ByKey)[shown]
  return known ?? (sentences === null ? problemTable[shown].title : titles.internal_error)
}

/** Returns the sentence about a failed sign-in, or undefined without a translation. */
export function failureText(
  texts: Texts,
  { code, facts }: SignInFailure,
  { delegate, username }: Pick<AuthorizationRecord, 'delegate' | 'username'>,
  cause: Pick<CauseEntry, 'cause' | 'responsible'> | undefined,
): string | undefined {
  const { sentences } = texts
  if (sentences === null) return undefined
  if (facts?.kind === 'account_mismatch' && facts.signed_in_as) {
    return sentences.discarded(facts.signed_in_as, facts.expected ?? delegate ?? username)
  }
  if (facts?.kind === 'no_mail_scope') return sentences.failures.protocol_not_granted
  if (!facts || code === 'provider_unavailable') {
    return sentences.failures[code] ?? rejectionText(texts, code)
  }
  const ofApp = cause?.responsible === 'app_owner' || cause?.responsible === 'operator'
  return sentences.causes[cause?.cause ?? ''] ?? (ofApp ? sentences.appFault : undefined)
}
