/** Types of the texts of the hosted pages. Each language has a file of its own, which lacks none of them. */
import type { Protocol } from '../../../schema/mail-servers.ts'
import type { ProblemCode } from '../../../schema/problem.ts'
import type { SignInReason } from '../../model/reason.ts'

export type Language = 'en' | 'de' | 'fr' | 'es' | 'ja'

/** Translations of sentences that the API writes in English. */
export type Sentences = {
  /** Precedes an English sentence that has no translation. */
  general: string
  rejections: Record<Rejection, string>
  /** Failures without an explaining response of Microsoft's, if they need another sentence than a rejection. */
  failures: Partial<Record<ProblemCode, string>>
  discarded: (signedInAs: string, expected: string) => string
  /** Replaces the causes that only the app's owner or Mailgrant's administrator can remove. */
  appFault: string
  /** Causes by their slug in the catalogue. */
  causes: Partial<Record<string, string>>
  /** Steps against those causes for which the person who signs in must act. */
  steps: Partial<Record<string, string>>
}

/** Requests that are no valid response to a sign-in, or to an admin consent. */
export type Rejection =
  | Exclude<SignInReason['reason'], 'return_target_not_allowed' | 'too_many_links'>
  | 'broken_form'
  | 'integration_inactive'
  | 'integration_not_configured'
  | 'internal_error'
  | 'key_missing'
  | 'storage_unavailable'

/** Returns a function that joins the labels of protocols in the language, each once: `a`, `a and b`. */
export const listIn =
  (language: Language) =>
  (words: Record<Protocol, string>, protocols: readonly Protocol[]): string =>
    new Intl.ListFormat(language).format([...new Set(protocols.map((one) => words[one]))])
