/** What each problem means in general and what to do about it. `detail` says what the case at hand is. */
import type { ProblemCode } from '../../schema/problem.ts'

export const problemHelp: Record<ProblemCode, string> = {
  bad_request:
    'The address or the form is not one that this service makes: a parameter is missing, is there twice, or comes from elsewhere. In a browser, start again from where the link came from.',
  invalid_json:
    'The body could not be parsed. Send one JSON value in UTF-8, and look for a trailing comma or an unescaped quote.',
  validation_failed:
    '`errors` names each value that is wrong, by JSON pointer, and what would be right. Correct them and repeat; the same request will fail again.',
  unauthorized:
    'The call had no API key, or one that is unknown, revoked or past its end. Send `Authorization: Bearer ...` with a key that is valid. In the console: sign in again.',
  insufficient_scope:
    'The key is valid, but lacks the scope that this operation names in the API reference. Use another key, or have an administrator make one with that scope.',
  key_limited:
    'The key may work with the mail accounts that it lists, and with nothing new. Use a key without that limit for this call.',
  rate_limited:
    'More calls of this kind came within a minute than are answered. Wait as long as `Retry-After` says, then go on; slow down if it happens again.',
  not_found:
    'Nothing has this address or this id, or the key in use may not see it. Check the id: its first letters tell what kind of thing it names.',
  method_not_allowed:
    'The address exists, but not for this method. The header `Allow` lists those that it takes.',
  payload_too_large:
    'The body is larger than any form needs. Of an error text send the part that holds the answer of the server.',
  unsupported_media_type: 'Send the body as JSON, with `Content-Type: application/json`.',
  precondition_failed:
    'Somebody changed it after you read it, so that your `If-Match` no longer fits. Read it again, apply your change to what is there now, and send that.',
  integration_inactive:
    'The Microsoft integration is switched off. Nothing stored is lost: activate it, and everything goes on as before.',
  integration_not_configured:
    'There is no app registration yet to sign in with. Save its client ID and a credential in the settings of the integration; the setup guide shows where Entra has them.',
  client_secret_is_an_id:
    'Entra shows two values for a secret, and this is the one in the column "Secret ID". Paste the one in "Value". It is shown only once: if it is gone, make a new secret.',
  credential_required:
    'A credential belongs to one client ID. Send the one of the new client ID along with it.',
  next_credential_missing:
    'Only a credential that is stored as the next one can be verified or promoted as such. Store it first.',
  credential_rejected:
    'Microsoft refuses the client secret or certificate of the app registration: it has expired, was removed, or belongs to another app. An administrator of the integration stores a new one. No mailbox has to be reconnected.',
  grants_depend:
    '`grants` tells how many sign-ins were made with the current client ID and cloud. They would all have to be repeated. Confirm with `?confirm=true` if that is meant.',
  origin_not_allowed:
    'Popups and return addresses are only for pages that the operator has listed in `ALLOWED_ORIGINS`, scheme and port included. Have the origin added, or correct it.',
  mail_host_not_allowed:
    'An access token is sent to the servers of the cloud that issued it and to those that the operator has named, and to no other. Use the server that the integration suggests, or have yours added to `EXTRA_OAUTH_MAIL_HOSTS`.',
  password_required:
    'A stored password is only used for the server and the user name that it was entered for. Enter it again together with the new ones.',
  account_mismatch:
    'Another person signed in than the form names. For a shared mailbox name that person as the delegate; otherwise repeat the sign-in with the right account.',
  protocol_not_granted:
    'The person consented to another protocol than this one. Get a new access token that names it; in many organisations an administrator has to agree.',
  grant_not_usable:
    'The sign-in that the form holds is gone or no longer works: an unsaved one lives for an hour. Get a new access token and save then.',
  grant_in_use:
    '`mail_accounts` lists the accounts that log in with this grant. Give them another one first, or delete it with `?detach=true` and reconnect them later.',
  grant_blocked:
    'Microsoft asks for something that only an administrator of the mailbox can settle, such as a Conditional Access rule or a consent. It is tried again every day, and at once after a new sign-in, or, in app-only access, when the account is validated.',
  reconnect_required:
    'Microsoft no longer takes the stored sign-in: a changed password, a revoked consent or long disuse. The person presses "Get Access Token" once more.',
  not_oauth: 'The account logs in with a password. There is no access token to hand out.',
  provider_unavailable:
    'Microsoft did not answer or asked to wait. The grant is kept and tried again by itself. Repeat the call after `Retry-After`; do not ask anybody to sign in again.',
  checker_unavailable:
    'The service that logs in to mail servers did not answer, so nothing is known about the account. Try again; if it stays, the operator looks at `/readyz`.',
  authorization_expired:
    'A link can be used for ten minutes unless it was made for longer, and the sign-in has ten minutes too. Ask for a new link.',
  authorization_used:
    'A link leads to one sign-in, and this one has ended or was opened elsewhere. Look at how it ended, or ask for a new link.',
  sign_in_refused:
    'The person declined, or Microsoft ended the sign-in. `diagnosis` names the cause and who can mend it.',
  wrong_browser:
    'The sign-in has to end in the browser that it began in, so that nobody can finish that of another. Open the link again and stay in one browser.',
  idempotency_key_reused:
    'An `Idempotency-Key` stands for one request, and this one was used with another body. Take a new key for a new request.',
  idempotency_in_progress:
    'The first request with this `Idempotency-Key` has not ended. Repeat it after `Retry-After` to get its answer.',
  key_missing:
    'Something stored was encrypted with a key that `ENCRYPTION_KEYS` no longer holds. The operator puts the key back; nothing was changed.',
  storage_unavailable:
    'The database did not answer. Nothing is half done: repeat the call after `Retry-After`.',
  internal_error:
    'Something failed that nobody foresaw. Repeat the call; if it stays, give `request_id` to whoever runs this service, whose log has the cause.',
}
