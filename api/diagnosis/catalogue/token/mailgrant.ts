/** Token requests that Mailgrant refused, as the programs that made them print it. */
import { questions } from '../../questions.ts'
import { type Cause, WEIGHT } from '../cause.ts'
import { docs } from '../docs.ts'
import * as by from '../indicators.ts'

/** Matches the exit status of the script `mailgrant-token` in the words of the program that ran it. */
const exitStatus = (weight: number, ...statuses: readonly number[]) =>
  by.text(weight, [
    new RegExp(
      `\\bmailgrant-token\\b.{0,60} (?:exited with|exit status)(?: status)? (?:${statuses.join('|')})\\b`,
    ),
  ])

/** A status that Microsoft's token endpoint never returns, from a library that hides the body. */
const CONFLICT = /\bhttp error 409\b|\b409 client error: conflict\b|\b409 \(?conflict\b/

export const mailgrantSignInRequired: Cause = {
  slug: 'mailgrant-sign-in-required',
  title: 'Mailgrant needs a new sign-in for this mailbox',
  explanation:
    'Mailgrant refused to issue an access token (409), because Microsoft no longer accepts the sign-in or the sign-in does not cover this protocol. The mail server was not contacted, and repeating the call does not help.',
  responsible: 'user',
  fixes: [
    'Open the email account in the Mailgrant console and sign in again with "Get Access Token". Programs then get tokens again without any change.',
    'If it comes back, validate the account in the console to see the reason and the fix.',
  ],
  docs: [docs.refreshTokens],
  indicators: [
    by.mailgrantProblem(
      'reconnect_required',
      'protocol_not_granted',
      'account_mismatch',
      'grant_not_usable',
      'authorization_expired',
      'authorization_used',
      'sign_in_refused',
      'refresh_token_refused',
      'identity_unknown',
      'wrong_browser',
    ),
    by.text(WEIGHT.suggests + 0.5, CONFLICT),
    exitStatus(WEIGHT.suggests + 0.5, 69),
  ],
  ask: [questions.mailgrantResponse],
}

export const mailgrantAdministratorRequired: Cause = {
  slug: 'mailgrant-administrator-required',
  title: 'Mailgrant issues no token until an administrator acts',
  explanation:
    "Mailgrant refused to issue an access token (409). The mailbox itself is probably fine. The reason is an organisation's policy or missing consent, the app's credential, or one of Mailgrant's settings. The sentence before the code says which.",
  responsible: 'tenant_admin',
  fixes: [
    'grant_blocked: your Microsoft 365 admin must do what the sentence says, such as consent or a change of policy. Then validate the account, which asks Microsoft at once.',
    'credential_rejected: save a new client secret or certificate in the Microsoft settings of the Mailgrant console. No user has to sign in again.',
    'integration_inactive: activate the Microsoft integration in the Mailgrant console. protocol_not_enabled: add the protocol to the Microsoft settings there.',
  ],
  docs: [docs.adminConsent, docs.conditionalAccess],
  indicators: [
    by.mailgrantProblem(
      'grant_blocked',
      'credential_rejected',
      'integration_inactive',
      'integration_not_configured',
      'protocol_not_enabled',
      'client_secret_is_an_id',
      'issuer_not_public',
      'credential_required',
      'next_credential_missing',
      'grants_depend',
      'grant_in_use',
      'origin_not_allowed',
    ),
    by.text(WEIGHT.suggests, CONFLICT),
    exitStatus(WEIGHT.suggests, 69),
  ],
  ask: [questions.mailgrantResponse],
}

export const mailgrantCallRefused: Cause = {
  slug: 'mailgrant-call-refused',
  title: "The program's call to Mailgrant is wrong",
  explanation:
    "Mailgrant refused the call itself, because its API key, the email account's ID or the request is wrong. Nothing is wrong with the mailbox, and Microsoft was not contacted.",
  responsible: 'operator',
  fixes: [
    'unauthorized: send "Authorization: Bearer mg_key_..." with a key that is neither revoked nor expired. In a header file for curl -H @file the line must begin with "Authorization: Bearer", and the program\'s account must be able to read the file.',
    "mailgrant-token: its key file (~/.config/mailgrant/key, or MAILGRANT_KEY_FILE) holds that line alone, has mode 600 and belongs to the program's account. MAILGRANT_URL is Mailgrant's address, without a path.",
    'insufficient_scope, key_limited, app_only_not_allowed: use a key with the scope "tokens" that includes this email account; for an app-only account it must have been created for app-only tokens.',
    'not_found: the ID must be that of an email account (ma_...) that exists and that this key can see. not_oauth: this account logs in with its password and has no token.',
    'Any other code: send a POST to /v1/mail-accounts/(ID)/access-token. The body may be empty; if there is one, it must be JSON.',
  ],
  docs: ['https://www.rfc-editor.org/rfc/rfc6750#section-3.1'],
  indicators: [
    by.mailgrantProblem(
      'unauthorized',
      'insufficient_scope',
      'key_limited',
      'app_only_not_allowed',
      'not_found',
      'not_oauth',
      'bad_request',
      'invalid_json',
      'validation_failed',
      'method_not_allowed',
      'misdirected_request',
      'payload_too_large',
      'unsupported_media_type',
      'precondition_failed',
      'precondition_required',
      'api_key_ended',
      'mail_account_exists',
      'authorization_ended',
      'too_many_links',
      'too_many_webhooks',
      'customer_name_similar',
      'customer_suspended',
      'tenant_not_allowed',
      'confirmation_outdated',
      'idempotency_key_reused',
      'password_required',
    ),
    by.text(WEIGHT.names, [
      /\bmailgrant-token: .{0,80}\b(?:key file|is it mailgrant's address|mailgrant_url)\b/,
    ]),
    exitStatus(WEIGHT.suggests + 0.5, 64, 77, 78),
  ],
}

export const mailgrantUnavailable: Cause = {
  slug: 'mailgrant-unavailable',
  title: 'Mailgrant has no token at the moment',
  explanation:
    "Microsoft or one of Mailgrant's services did not respond, or calls are being limited. The sign-in is unaffected, so no one has to sign in again.",
  responsible: 'operator',
  retryable: true,
  fixes: [
    'Let the program try again at its next run, not sooner than Retry-After says. Limit the retries of curl (--retry-max-time 20), for which mail programs wait.',
    {
      text: "provider_unavailable for more than a few minutes: check from Mailgrant's machine whether {login} can be reached, and Service health in the Microsoft 365 admin center.",
      command: 'curl -sS -o /dev/null {login}/common/v2.0/.well-known/openid-configuration',
    },
    "key_missing: your Mailgrant administrator puts the missing key back into ENCRYPTION_KEYS. storage_unavailable and internal_error: the cause is in Mailgrant's log.",
  ],
  docs: ['https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3'],
  indicators: [
    by.mailgrantProblem(
      'provider_unavailable',
      'rate_limited',
      'key_missing',
      'storage_unavailable',
      'overloaded',
      'idempotency_in_progress',
      'internal_error',
    ),
    by.text(WEIGHT.names, /\bmailgrant-token: no answer from\b/),
    exitStatus(WEIGHT.suggests + 0.5, 75),
  ],
}
