/** What the document says of problems: an example of each, and the meaning of every code. */
import { type Problem, ProblemCode } from '../../schema/problem.ts'
import { problemTable } from '../problem.ts'

/** What an answer with this code says of the case at hand, in the words of a typical one. */
const details: Record<ProblemCode, string> = {
  bad_request: "This is not an answer of Microsoft's sign-in page. Start again.",
  invalid_json: 'The body is not well-formed JSON.',
  validation_failed: '/owner/type: must be department: only departments own IMAP accounts',
  unauthorized: 'Send a valid API key as "Authorization: Bearer ...".',
  insufficient_scope: 'This call needs an API key with the scope "admin".',
  key_limited:
    'This API key is limited to mail accounts. It may only work with these: it makes no new ones.',
  rate_limited: 'There were too many calls of this kind within a minute. Wait, then go on.',
  not_found: 'There is nothing with this id.',
  method_not_allowed: 'Use GET or POST at this address.',
  payload_too_large: 'The body may have 65536 bytes at most.',
  unsupported_media_type: 'Send the body as application/json.',
  precondition_failed: 'It was changed in the meantime. Read it again and repeat the change.',
  integration_inactive:
    'The Microsoft integration is switched off. Nothing is lost: activate it and try again.',
  integration_not_configured:
    'Save the client ID and the client secret or certificate of the app registration first.',
  client_secret_is_an_id:
    'This is the secret\'s ID. Entra shows the value once, in the column "Value", when the secret is made: paste that, or make a new secret.',
  credential_required: 'Another client ID needs its own client secret or certificate.',
  next_credential_missing:
    'There is no next credential. Store one with PUT .../settings/next-credential first.',
  credential_rejected:
    'Microsoft refused the client secret or certificate of the app registration. Enter a new one in the settings.',
  grants_depend:
    '12 grants were made with the current client ID and cloud and would have to be reconnected. Repeat with ?confirm=true if that is meant.',
  origin_not_allowed: '`origin` must be exactly one of the origins in ALLOWED_ORIGINS.',
  mail_host_not_allowed:
    'Not to mail.example.org:993 (tls): an access token of this account may go only to outlook.office365.com:993 (tls).',
  password_required:
    'Enter the password again: the stored one is used only for the protocol, host, port, security and username that it was entered for.',
  account_mismatch:
    'alice@contoso.com signed in, but the mailbox is support@contoso.com. If alice@contoso.com signs in for this mailbox, set "delegate" to it; if not, get a new access token as support@contoso.com.',
  protocol_not_granted:
    'This grant does not cover SMTP. Get a new access token with "protocols" naming it; an administrator may have to consent.',
  grant_not_usable:
    'The grant of alice@contoso.com cannot be used: the sign-in has expired. Sign in again to reconnect.',
  grant_in_use:
    '2 mail accounts use this grant. Repeat with ?detach=true to delete it all the same; they must be reconnected then.',
  grant_blocked:
    'An administrator of contoso.com must act: Conditional Access blocks this sign-in.',
  reconnect_required: 'The sign-in has expired. Sign in again to reconnect.',
  not_oauth: 'This account logs in with a password, so it has no access token.',
  provider_unavailable: 'Microsoft is not available. The grant is kept and tried again by itself.',
  checker_unavailable: 'The checker did not answer. Nothing is known about the account; try again.',
  authorization_expired: 'The link was not opened in time. Start again.',
  authorization_used: 'This link was used already. Start again.',
  sign_in_refused: 'Microsoft did not complete the sign-in.',
  wrong_browser: 'This sign-in was started in another browser. Start again in one and the same.',
  idempotency_key_reused:
    'This Idempotency-Key was used with another body. Use a new key for a new request.',
  idempotency_in_progress:
    'A request with this Idempotency-Key is being worked on. Repeat it in a moment.',
  key_missing: 'Put the key "k1" back into ENCRYPTION_KEYS. Nothing was changed.',
  storage_unavailable: 'The database did not answer. Nothing is lost; try again in a moment.',
  internal_error: 'Try again; if it stays, give the request id to whoever runs this service.',
}

/** Members that a code has besides what every problem has. */
const more: Partial<Record<ProblemCode, Partial<Problem>>> = {
  validation_failed: {
    errors: [
      { pointer: '/owner/type', message: 'must be department: only departments own IMAP accounts' },
    ],
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
    ...more[code],
  }
  return { summary: title, value }
}

/** By their codes, as a component that operations refer to. */
export const problemExamples = Object.fromEntries(
  ProblemCode.options.map((code) => [code, exampleOf(code)]),
)

/** The description of the member `code`. */
export const codesInWords = `What kind of problem it is; branch on this.\n\n${ProblemCode.options
  .map((code) => `- \`${code}\` (${problemTable[code].status}): ${problemTable[code].title}.`)
  .join('\n')}`
