/** Types of the texts of the hosted pages. Each language has a file of its own, which lacks none of them. */
import type { Protocol } from '../../../schema/mail-servers.ts'
import type { ProblemCode } from '../../../schema/problem.ts'
import type { AdminConsentReason, SignInReason, UnfinishedStep } from '../../model/reason.ts'

export type Language = 'en' | 'de' | 'fr' | 'es' | 'ja'

/** Translations of sentences that the API writes in English. */
export type Sentences = {
  /** Precedes an English sentence that has no translation. */
  general: string
  rejections: Record<Rejection, string>
  failures: Record<Failure, string>
  discarded: (signedInAs: string, expected: string) => string
  /** Causes by their slug in the catalogue. */
  causes: Record<PageCause, string>
  /** Steps against those causes for which the person who signs in must act. */
  steps: Partial<Record<PageCause, string>>
}

/** Requests that are no valid response to a sign-in, or to an admin consent. */
export type Rejection =
  | Exclude<
      SignInReason['reason'],
      'authorization_expired' | 'return_target_not_allowed' | 'too_many_links'
    >
  | `expired_${UnfinishedStep}`
  | AdminConsentReason['reason']
  | 'broken_form'
  | 'foreign_form'
  | 'integration_inactive'
  | 'integration_not_configured'
  | 'internal_error'
  | 'key_missing'
  | 'storage_unavailable'

/** Failures that no response of Microsoft's explains. */
type Failure = Extract<
  ProblemCode,
  | 'credential_rejected'
  | 'grant_not_usable'
  | 'integration_inactive'
  | 'protocol_not_granted'
  | 'provider_unavailable'
  | 'sign_in_refused'
  | 'storage_unavailable'
  | 'tenant_not_allowed'
>

/** Causes that a person can meet after the sign-in page or the redemption of its code. */
type PageCause =
  | 'account-mismatch'
  | 'account-type-not-allowed'
  | 'admin-consent-required'
  | 'app-disabled'
  | 'client-assertion-invalid'
  | 'client-secret-expired'
  | 'client-secret-missing'
  | 'client-secret-wrong'
  | 'clock-wrong'
  | 'code-exchange-problem'
  | 'conditional-access-block'
  | 'guest-or-external-user'
  | 'identity-not-proven'
  | 'invalid-scope'
  | 'mfa-or-interaction-required'
  | 'redirect-uri-mismatch'
  | 'refresh-token-missing'
  | 'resource-not-in-tenant'
  | 'resource-permission-misdeclared'
  | 'single-tenant-app'
  | 'tenant-restrictions'
  | 'tenant-unavailable'
  | 'user-consent-missing'
  | 'user-not-assigned'
  | 'user-sign-in-refused'
  | 'wrong-client-id'
  | 'wrong-redirect-platform'
  | 'wrong-tenant-or-cloud'

/** Returns a function that lists the words of protocols as the language does, each once: `a`, `a and b`. */
export const listIn =
  (language: Language) =>
  (words: Record<Protocol, string>, protocols: readonly Protocol[]): string =>
    new Intl.ListFormat(language).format([...new Set(protocols.map((one) => words[one]))])
