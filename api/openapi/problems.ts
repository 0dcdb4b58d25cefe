/** Problems in the OpenAPI document: an example of each code, and the meaning of every code. */
import { type Problem, ProblemCode } from '../../schema/problem.ts'
import { problemTable } from '../problem.ts'

/** A typical `detail` for each code. */
const details: Record<ProblemCode, string> = {
  bad_request: "This is not a response from Microsoft's sign-in page. Start again.",
  invalid_json: 'The request body is not valid JSON.',
  validation_failed:
    '/owner/type: must be department or other: brands and global own only SMTP accounts',
  unauthorized:
    'This API key is unknown, expired or revoked. Send a valid API key as "Authorization: Bearer ...".',
  insufficient_scope: 'This call requires an API key with the scope "admin".',
  key_limited: 'This API key is limited to certain email accounts and cannot create new ones.',
  console_key_refused:
    'The operator has closed the console to API keys. Sign in with Microsoft, or with the root key.',
  app_only_not_allowed:
    'This API key is limited to certain email accounts. The token of an app-only account opens other mailboxes of the tenant too, so only a key created with "app_only": true may fetch it.',
  rate_limited: 'Too many requests of this kind within a minute. Wait, then continue.',
  not_found: 'There is no email account with this ID.',
  method_not_allowed: 'Use GET or POST at this path.',
  misdirected_request:
    'This server does not answer at this address. Use https://mailgrant.example.com, or send an API key.',
  payload_too_large: 'The request body must not exceed 65536 bytes.',
  unsupported_media_type:
    'Send the request body as JSON, with the header "Content-Type: application/json".',
  precondition_failed:
    'The resource has changed since you read it. Read it again and repeat the change.',
  integration_inactive:
    'The Microsoft integration is switched off. No data is lost: an administrator can activate it in the settings of the integration.',
  integration_not_configured:
    'First save the client ID and the client secret or certificate of the app registration.',
  client_secret_is_an_id:
    'This is the secret\'s ID. Entra shows the value only once, in the column "Value", when the secret is created: paste that, or create a new secret.',
  issuer_not_public:
    'Entra must read the keys of Mailgrant at PUBLIC_URL, which is http://localhost:8787. Set it to an https address with a public host name, or use a certificate.',
  credential_required: 'A different client ID requires its own client secret or certificate.',
  next_credential_missing:
    'There is no next credential. Store one with PUT .../settings/next-credential first.',
  credential_rejected:
    'Microsoft rejected the client secret or certificate of the app registration. Enter a new one in the settings.',
  grants_depend:
    '12 grants depend on the current client ID and cloud and would have to be reconnected. Repeat with ?confirm=true to confirm.',
  origin_not_allowed:
    '`origin` must be one of the allowed origins, without a path. Allowed: https://mailgrant.example.com, https://helpdesk.example.com. The operator adds others to ALLOWED_ORIGINS.',
  mail_host_not_allowed:
    'mail.example.org:993 (tls) is not allowed: an access token of this account may be sent only to outlook.office365.com:993 (tls).',
  password_required:
    'Enter the password again: the stored one is used only with the protocol, host, port, security and username it was entered for.',
  account_mismatch:
    'alice@contoso.com signed in, but the mailbox is support@contoso.com. If alice@contoso.com signs in for this mailbox, set "delegate" to that address; otherwise get a new access token as support@contoso.com.',
  protocol_not_granted:
    'This grant does not cover SMTP. Get a new access token with "smtp" in "protocols"; an administrator may have to consent.',
  grant_not_usable:
    'The grant of alice@contoso.com cannot be used: the sign-in has expired. Sign in again to reconnect.',
  grant_in_use:
    '2 email accounts use this grant. Repeat with ?detach=true to delete it anyway; they must then be reconnected.',
  grant_blocked:
    'An administrator of contoso.com must act: Conditional Access blocks this sign-in.',
  reconnect_required: 'The sign-in has expired. Sign in again to reconnect.',
  login_failed: 'The server refused the login: SMTP AUTH is switched off for the mailbox.',
  cannot_send:
    'This email account reads mail over IMAP and cannot send. Use an SMTP account of the mailbox.',
  not_oauth: 'This account logs in with a password and has no access token.',
  provider_unavailable:
    'Microsoft is currently unreachable. The grant is unaffected and is retried automatically.',
  checker_unavailable: 'The checker did not answer, so the login could not be tried. Try again.',
  authorization_expired: 'The link was not opened in time. Start again.',
  authorization_used: 'This link has already been used. Start again.',
  sign_in_refused: 'Microsoft did not complete the sign-in.',
  refresh_token_refused:
    'The stored sign-in was unused for too long and has expired: sign in again.',
  identity_unknown:
    "Microsoft's response does not prove whose account the refresh token belongs to (ID token: missing). Nothing was stored.",
  wrong_browser:
    'This sign-in was started in another browser. Start again and stay in one browser.',
  idempotency_key_reused:
    'This Idempotency-Key was used with a different body. Use a new key for a new request.',
  idempotency_in_progress:
    'A request with this Idempotency-Key is still being processed. Repeat it in a moment.',
  key_missing: 'Put the key "k1" back into ENCRYPTION_KEYS. Nothing was changed.',
  storage_unavailable: 'The database did not answer. No data is lost; try again in a moment.',
  overloaded: 'This server is answering as many requests as it can. Try again in a moment.',
  internal_error:
    'Try again. If the problem persists, give the request id to your Mailgrant administrator.',
}

/** Properties that a code has beyond the common ones. */
const extraProperties: Partial<Record<ProblemCode, Partial<Problem>>> = {
  validation_failed: {
    errors: [
      {
        pointer: '/owner/type',
        message: 'must be department or other: brands and global own only SMTP accounts',
      },
    ],
  },
  idempotency_key_reused: {
    errors: [{ pointer: 'idempotency-key', message: 'was used with a different body' }],
  },
  grants_depend: { grants: 12 },
  grant_in_use: { mail_accounts: ['ma_mwiq4wgd7u5x2l3k7777777777'] },
}

function exampleOf(code: ProblemCode) {
  const { status, title } = problemTable[code]
  const value: Problem = {
    type: `https://mailgrant.example.com/docs/problems#${code}`,
    title,
    status,
    detail: details[code],
    instance: '/v1/mail-accounts',
    code,
    request_id: '0b1f7c3e-54b6-4f0f-9a3e-2f6d1c8a7e55',
    ...extraProperties[code],
  }
  return { summary: title, value }
}

/** Examples by code, as components that operations refer to. */
export const problemExamples = Object.fromEntries(
  ProblemCode.options.map((code) => [code, exampleOf(code)]),
)

/** Description of the property `code`. */
export const codesInWords = `Stable problem code; branch on this.\n\n${ProblemCode.options
  .map((code) => `- \`${code}\` (${problemTable[code].status}): ${problemTable[code].title}.`)
  .join('\n')}`
