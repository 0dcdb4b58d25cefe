/** Translation of what the API says in English. */

import { problemTable } from '../../schema/problems.ts'
import type { AuthorizationRecord } from '../model/authorization.ts'
import type { SignInFailure } from '../model/reason.ts'
import type { Texts } from './texts/en.ts'
import type { Sentences } from './texts/texts.ts'

type ByKey<Value> = Partial<Record<string, Value>>

type Cause = Sentences['causes'][keyof Sentences['causes']]

export const causeTexts = ({ sentences }: Texts, slug: string | undefined): Cause | undefined =>
  (sentences?.causes as ByKey<Cause> | undefined)?.[slug ?? '']

export const rejectionText = ({ sentences }: Texts, key: string): string | undefined =>
  (sentences?.rejections as ByKey<string> | undefined)?.[key]

/** Returns the title for a person, where the API's title would confuse. */
export function titleOf(
  { titles, sentences }: Texts,
  { code, facts }: Pick<SignInFailure, 'code' | 'facts'>,
): string {
  // The right account signed in, but without a permission that the reconnection requires.
  const lacking = code === 'account_mismatch' && facts?.kind === 'no_mail_scope'
  const shown = lacking ? 'protocol_not_granted' : code
  const known = (titles as ByKey<string>)[shown]
  return known ?? (sentences === null ? problemTable[shown].title : titles.internal_error)
}

/** Returns the sentence about a failed sign-in, or undefined without a translation. `cause`: its slug. */
export function failureText(
  texts: Texts,
  { code, facts }: SignInFailure,
  { delegate, username }: Pick<AuthorizationRecord, 'delegate' | 'username'>,
  cause: string | undefined,
): string | undefined {
  const { sentences } = texts
  if (sentences === null) return undefined
  if (facts?.kind === 'account_mismatch' && facts.signed_in_as) {
    return sentences.discarded(facts.signed_in_as, facts.expected ?? delegate ?? username)
  }
  if (facts?.kind === 'no_mail_scope') return sentences.failures.protocol_not_granted
  const general = (sentences.failures as ByKey<string>)[code]
  const explained = facts && code !== 'provider_unavailable'
  return explained ? (causeTexts(texts, cause)?.title ?? undefined) : general
}
