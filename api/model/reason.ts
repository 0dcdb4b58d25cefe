/**
 * Reasons for not serving a request: facts about what happened, as a discriminated union with the
 * evidence as typed members. The routes turn each into a problem with a status and a sentence.
 */
import type { Diagnosis } from '../../schema/diagnosis.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { MailServer, Protocol } from '../../schema/mail-servers.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Direction } from '../../schema/protocols.ts'
import type { WebhookEvent, WebhookType } from '../../schema/webhook.ts'

export type Reason =
  | RequestReason
  | IntegrationReason
  | MailAccountReason
  | SignInReason
  | TokenReason
  | ImportReason
  | TestMessageReason

type RequestReason =
  | InvalidField
  | { reason: 'not_found'; resource: Resource }
  | { reason: 'version_conflict'; resource: 'settings' | 'mail_account' | 'webhook' | 'api_key' }
  | { reason: 'key_restricted'; permitted: PermittedUse; limit: 'mail_accounts' | 'customer' }
  /** CONSOLE_KEYS=off: only ROOT_API_KEY opens the console. */
  | { reason: 'console_keys_off' }
  | { reason: 'api_key_ended'; status: 'expired' | 'revoked' | 'ended' }
  | { reason: 'customer_name_similar'; known: string }
  | { reason: 'customer_suspended' }
  /** The remaining rows of the customer are being deleted. */
  | { reason: 'customer_deleted' }
  /** `accounts`: how many email accounts the customer has. */
  | { reason: 'confirmation_outdated'; accounts: number }
  | { reason: 'too_many_webhooks'; limit: number }
  | { reason: 'idempotency_key_reused' }
  | { reason: 'idempotency_in_progress' }

type IntegrationReason =
  | { reason: 'integration_not_configured' }
  /** The app registration is not the one that the credential was sealed with. */
  | { reason: 'settings_damaged' }
  /**
   * `change`: the kind of change on which the grants depend. `app`: another client or cloud; `federated`: a federated
   * credential that nothing has verified; `issuer`: another issuer than Entra trusts.
   */
  | { reason: 'grants_depend'; grants: number; change: 'app' | 'federated' | 'issuer' }
  | { reason: 'issuer_not_public'; publicUrl: string; pointer: string }
  /** `why`: none is stored, it belongs to another client ID, or it is damaged. */
  | { reason: 'credential_required'; why: 'none' | 'other_app' | 'damaged' }
  | { reason: 'client_secret_is_an_id'; pointer: string }
  /**
   * `expiredAt`: a next credential is stored, but it has expired. `issuer`: it belongs to this issuer, which this
   * deployment is no longer.
   */
  | { reason: 'next_credential_missing'; expiredAt: Date | null; issuer?: string }

type MailAccountReason =
  /** The caller wants no second account for this mailbox. */
  | { reason: 'mail_account_exists'; id: string }
  /** `mailAccountIds`: those that the caller may see. */
  | { reason: 'grant_in_use'; mailAccountIds: string[] }
  /** `detail`: the stored sentence about the state of the grant. */
  | { reason: 'grant_not_usable'; signedInAs: string; detail: string; diagnosis?: Diagnosis }
  | { reason: 'account_mismatch'; detail: string; diagnosis: Diagnosis }
  /** `shared`: in the mailbox of someone else. */
  | { reason: 'protocol_not_granted'; protocol: Protocol; shared?: boolean }
  | { reason: 'protocol_not_enabled'; protocol: Protocol }
  /** `stored`: a password is stored, but for another login. */
  | { reason: 'password_required'; stored: boolean }
  | { reason: 'mail_server_not_allowed'; server: MailServer; allowed: readonly MailServer[] }

type ImportReason =
  /** Microsoft's response says nothing, or nothing valid, about whose tokens these are. */
  | { reason: 'identity_unknown'; defect: string }
  /** `detail`: the judged sentence. */
  | {
      reason: 'import_refused'
      code: 'refresh_token_refused' | 'credential_rejected' | 'provider_unavailable'
      detail: string
      /** Seconds. */
      retryAfter?: number
      diagnosis?: Diagnosis
    }
  | { reason: 'no_protocol_granted'; protocols: readonly Protocol[]; diagnosis: Diagnosis }
  /** Microsoft accepted the token, and the database did not confirm that the grant was stored. */
  | { reason: 'import_not_stored' }

type TestMessageReason =
  | { reason: 'account_receives_only' }
  | { reason: 'sender_not_plain'; sender: string }
  /** The app may send from mailboxes beyond the one of the account. */
  | { reason: 'app_only_sending_not_allowed' }
  /** `retryAfter`: seconds until the limit allows another one. */
  | { reason: 'test_messages_limited'; per: 'mailbox' | 'key'; retryAfter: number }

type TokenReason =
  | TokenRefusal
  | { reason: 'not_oauth' }
  /** An OAuth client asked for other scopes than those of the token. */
  | { reason: 'scope_not_graph' }
  /** The token would open more mailboxes than those of the restricted key. */
  | { reason: 'app_only_not_allowed' }
  /** `retryAfter`: seconds until Microsoft may be asked out of turn again. */
  | { reason: 'asked_recently'; retryAfter: number }
  | { reason: 'mail_server_of_another_cloud'; server: MailServer }

/** Refusal of an access token. `detail`: the sentence judged from the failure, as stored with the grant. */
export type TokenRefusal = {
  reason: 'token_refused'
  code: TokenRefusalCode
  detail: string
  /** Seconds. */
  retryAfter?: number
  /** Evidence for the diagnosis. */
  facts?: FailureFacts | null
  diagnosis?: Diagnosis
}

export type TokenRefusalCode =
  | 'credential_rejected'
  | 'grant_blocked'
  | 'integration_inactive'
  | 'not_found'
  | 'provider_unavailable'
  | 'reconnect_required'

export type SignInReason =
  | {
      reason: 'return_target_not_allowed'
      field: 'origin' | 'return_url'
      allowed: readonly string[]
    }
  /** `limit`: open links that a requester may have. */
  | { reason: 'too_many_links'; limit: number }
  | { reason: 'callback_empty' }
  | { reason: 'callback_malformed' }
  | { reason: 'callback_unknown' }
  | { reason: 'wrong_browser' }
  | { reason: 'link_unknown' }
  /** The page that helps was opened too often within a minute. */
  | { reason: 'too_often' }
  | { reason: 'link_outlived' }
  | { reason: 'consent_link_expired' }
  /** The requester of the link ended it, created a newer one, or has lost access. */
  | { reason: 'link_ended' }
  /** `detail`: depends on how far the sign-in came, as in the status of the authorization. */
  | { reason: 'authorization_expired'; detail: string }
  | { reason: 'authorization_used' }
  /**
   * Microsoft's signing keys cannot be fetched, so the code was not redeemed. `detail`: the judged sentence if Microsoft
   * was not reached.
   */
  | { reason: 'signing_keys_unavailable'; detail?: string }
  /** Another request completed or ended the sign-in first; this one wrote nothing. */
  | { reason: 'authorization_overtaken' }

export type Resource =
  | 'api_key'
  | 'authorization'
  | 'console_session'
  | 'customer'
  | 'delivery'
  | 'grant'
  | 'mail_account'
  | 'validation'
  | 'webhook'

/** Uses that the limit of an API key to accounts or a customer can forbid. */
export type PermittedUse =
  | 'own_accounts'
  | 'no_metrics'
  | 'no_console'
  | 'no_customers'
  | 'own_sign_ins'
  | 'no_import'
  | 'own_forms'
  | 'unchanged_owner'
  | 'unchanged_customer'
  | 'unchanged_app_only_mailbox'
  | 'unshared_grants'

/** A member of the request with an unusable value. `pointer`: RFC 6901. */
export type InvalidField = { reason: 'invalid'; pointer: string } & FieldIssue

export type FieldIssue =
  | { issue: 'required' }
  | { issue: 'required_at_once' }
  | { issue: 'past_time' }
  | { issue: 'not_for_admin_key' }
  /** A key cannot become limited to email accounts, or unlimited, after its creation. */
  | { issue: 'fixed_limit'; isLimited: boolean }
  | { issue: 'more_than_before' }
  | { issue: 'one_limit' }
  | { issue: 'fixed_customer' }
  | { issue: 'fixed_webhook_customer' }
  | { issue: 'not_for_customers'; type: WebhookEvent }
  | { issue: 'customer_of_account' }
  | { issue: 'cursor_of_another_list' }
  | { issue: 'unknown_mail_account'; id: string }
  | { issue: 'unknown_authorization' }
  | { issue: 'unknown_grant' }
  | { issue: 'reserved_grant' }
  | { issue: 'grant_of_another_customer' }
  | { issue: 'delegated_only' }
  | { issue: 'personal_tenant' }
  | { issue: 'personal_accounts_unavailable' }
  | { issue: 'tenant_not_admitted'; admitted: string }
  | { issue: 'account_without_grant' }
  | { issue: 'grant_protocols_missing'; protocols: readonly Protocol[] }
  | { issue: 'wrong_owner'; direction: Direction }
  | { issue: 'fixed_direction'; direction: Direction }
  | { issue: 'delegate_without_sign_in' }
  | { issue: 'port_not_allowed'; allowed: readonly number[] }
  /** Microsoft Graph has one server, and no passwords. */
  | { issue: 'fixed_by_graph'; value: string | number }
  | { issue: 'graph_without_password' }
  | { issue: 'not_a_host' }
  | { issue: 'fixed_type' }
  | { issue: 'for_email_only' }
  | { issue: 'not_for_email' }
  | { issue: 'not_a_sender' }
  | { issue: 'signs_nothing' }
  | { issue: 'secret_expired' }
  | WebhookAddressIssue

/** Services for chats whose URLs look alike to people. */
export type ChatService = 'slack' | 'teams'

export type WebhookAddressIssue =
  | { issue: 'not_a_url' }
  | { issue: 'url_with_credentials' }
  | { issue: 'not_https' }
  | { issue: 'unusual_port' }
  | { issue: 'ip_address' }
  | { issue: 'private_name' }
  | { issue: 'own_host' }
  /** A URL of Slack for Teams, or the other way round. */
  | { issue: 'other_service'; type: WebhookType; from: ChatService; host: string }

/** Failure that ends a sign-in. Stored with the authorization, sentence included. */
export type SignInFailure = {
  code: ProblemCode
  detail: string
  /** Evidence for the diagnosis. */
  facts?: FailureFacts | null
}
