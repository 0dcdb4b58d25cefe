/**
 * Why a sign-in or a refresh came to nothing: facts, and no word of Microsoft's answer. Stored with
 * what it ended. The diagnosis is computed from it whenever it is read, so that a cause that the
 * catalogue learns later helps there too.
 */
import type { Stage } from './diagnosis.ts'

export type FailureFacts = {
  stage: Stage
  kind:
    | 'unreachable'
    | 'timeout'
    | 'throttled'
    | 'unavailable'
    | 'nonsense'
    | 'refused'
    | 'no_return'
    | 'account_mismatch'
    | 'no_refresh_token'
    | 'no_mail_scope'
  aadsts?: number | null
  oauth_error?: string | null
  suberror?: string | null
  /** With what the app proved itself, where it did. */
  client_auth?: 'secret' | 'certificate'
  /** Who signed in, where that is what went wrong. */
  signed_in_as?: string
  /** Who had to, where it is not the one that the authorization names. */
  expected?: string
}
