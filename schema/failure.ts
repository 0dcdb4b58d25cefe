/**
 * Facts about a failed sign-in or refresh, without any text of Microsoft's response. They are stored
 * with the resource that failed, and the diagnosis is derived at each read, so that causes added to the
 * catalogue later apply to earlier failures too.
 */
import type { Stage } from './diagnosis.ts'

export type FailureFacts = {
  stage: Stage
  kind:
    | 'unreachable'
    | 'timeout'
    | 'throttled'
    | 'unavailable'
    | 'malformed'
    | 'refused'
    | 'no_return'
    | 'account_mismatch'
    | 'no_refresh_token'
    | 'no_mail_scope'
    | 'identity_not_proven'
    | 'clock_wrong'
    /** The stored refresh token does not open. */
    | 'token_damaged'
  aadsts?: number | null
  oauth_error?: string | null
  suberror?: string | null
  /** True for a refusal seen once so far; it counts when the same token is refused again. */
  unconfirmed?: true
  /** Authentication method of the app, if it authenticated. */
  client_auth?: 'secret' | 'certificate' | 'federated'
  /** The user who signed in, if the wrong one did. */
  signed_in_as?: string
  /** The user who was expected, if not the one the authorization names. */
  expected?: string
}
