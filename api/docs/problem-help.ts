/** Meaning of each problem code and what to do. The `detail` of a problem describes the case at hand. */
import type { ProblemCode } from '../../schema/problem.ts'

export const problemHelp: Record<ProblemCode, string> = {
  bad_request:
    'A parameter of the address or form is missing, appears twice, or was not created by Mailgrant. In a browser, start again from the page that gave you the link.',
  invalid_json:
    'The body could not be parsed. Send a single JSON value in UTF-8, and check for a trailing comma or an unescaped quote.',
  validation_failed:
    '`errors` lists each invalid value by JSON pointer, with the reason. Correct the values before you repeat the request; sending it unchanged will fail again.',
  unauthorized:
    'The call had no API key, or one that is unknown, revoked or expired. Send `Authorization: Bearer ...` with a valid key. In the console, sign in again.',
  insufficient_scope:
    'The key is valid but lacks the scope that the API reference states for this operation. Use another key, or ask an administrator to create one with that scope.',
  key_limited:
    'The key is limited to the email accounts listed in it, and this call goes beyond them. Use a key without that limit.',
  app_only_not_allowed:
    'The account is app-only: its token belongs to the app and opens every mailbox of the tenant that the app was given access to. A key limited to single email accounts may fetch it only if it was created with `app_only`. A test message through such an account requires a key with the scope `admin` or one with `app_only`, since the app may send from other mailboxes too. Ask an administrator for such a key, or for one without a limit.',
  console_key_refused:
    'The setting `CONSOLE_KEYS` is `off`: the console accepts no API key except `ROOT_API_KEY`. Sign in to the console with Microsoft. The key still works for calls of the API.',
  rate_limited:
    'There were more calls of this kind within a minute than the deployment allows, or Microsoft was asked for the same grant less than a minute ago, or as many test messages were sent from this mailbox or with this key within an hour as are allowed. Wait for the time in `Retry-After`, then continue; call less often if it happens again.',
  not_found:
    'No path or resource with this id exists, or your key may not see it. Check the id: its prefix tells the type of the resource.',
  method_not_allowed:
    'The path exists, but not with this method. The `Allow` header lists the supported methods.',
  misdirected_request:
    'On your own server only: the `Host` header names neither the host of `PUBLIC_URL` nor this machine (localhost with the port of the server). Browsers send such requests when another site points its name at your server, so they are refused. Open the address in `PUBLIC_URL`. If a proxy is in front, let it pass on `Host`, or correct `PUBLIC_URL`. Calls with an API key (`mg_...`) may use any host.',
  payload_too_large:
    'The body exceeds the limit stated in `detail`. If you are diagnosing a long error text, send only the part that contains the server response.',
  unsupported_media_type: 'Send the body as JSON with `Content-Type: application/json`.',
  precondition_failed:
    'The resource was changed after you read it, so your `If-Match` no longer matches. Read it again, apply your change to the latest version, and send that.',
  integration_inactive:
    'The Microsoft integration is not active. No stored data is lost: activate it in the settings of the console or with `POST /v1/integrations/microsoft/activate`, and everything works as before.',
  integration_not_configured:
    'No app registration has been saved yet, or the saved one is damaged or was changed by something other than Mailgrant. Save its client ID and a credential in the settings of the integration; the setup guide shows where to find them in Entra.',
  client_secret_is_an_id:
    'Entra shows two values for a secret, and this is the one from the column "Secret ID". Paste the one from "Value". Entra shows it only once: if you no longer have it, create a new secret.',
  issuer_not_public:
    'With a federated credential, Entra reads the keys of Mailgrant at `PUBLIC_URL`. That must be an https address with a public host name: not localhost, no IP address and no name of a private network. Otherwise use a certificate, which needs no address.',
  credential_required:
    'A credential belongs to one client ID. Send the credential of the new client ID together with it.',
  next_credential_missing:
    'No next credential is stored, it has expired, or it is too late to undo the last promotion. Store one before you verify or promote it.',
  credential_rejected:
    'Microsoft rejects the credential of the app registration: it has expired, was removed, or belongs to another app. An administrator must save a new one in the settings of the integration. No mailbox has to be reconnected. When the next credential is promoted, the response is about that one: nothing has changed, and `diagnosis` shows the cause.',
  grants_depend:
    '`grants` is the number of sign-ins that the change concerns. With another client ID or cloud, all of them would have to be repeated: send `?confirm=true` to confirm. A federated credential is first stored as the next one, verified and promoted.',
  origin_not_allowed:
    'Popups and return URLs are only allowed for the origins in `ALLOWED_ORIGINS`, including scheme and port. Correct the origin, or ask the operator to add it.',
  mail_host_not_allowed:
    'An access token is sent only to the servers of the Microsoft cloud that issued it and to those listed by the operator. Use the suggested server, or ask the operator to add yours to `EXTRA_OAUTH_MAIL_HOSTS`.',
  password_required:
    'A stored password is only used with the server and username it was entered for. Enter it again together with the new values.',
  account_mismatch:
    'A different user signed in than the one named in the form. For a shared mailbox, set that user as the delegate. Otherwise, repeat the sign-in with the right account.',
  protocol_not_granted:
    'The user consented to a different protocol. Get a new access token that includes this protocol; many organisations require an administrator to consent.',
  refresh_token_refused:
    'Microsoft does not accept the refresh token that was to be imported; `diagnosis` says why. A refresh token moves only together with the app registration, that is the client ID, that it was issued to. Nothing was stored, and no other grant is affected. If the token has expired or was revoked, the user must sign in.',
  identity_unknown:
    'Microsoft answered the refresh without a valid ID token, so it is not known whose mailbox the token opens. It must have been issued with `openid`; if the other product did not request that, the user must sign in. Nothing was stored.',
  grant_not_usable:
    'The grant named in the form was deleted or no longer works. An unsaved grant is deleted after an hour. Get a new access token, then save.',
  grant_in_use:
    '`mail_accounts` lists the email accounts that use this grant. Give them another grant first, or delete it with `?detach=true` and reconnect them later.',
  grant_blocked:
    'Microsoft requires something that only an administrator of the organisation can change, such as a Conditional Access policy or a consent. Mailgrant retries after 5 minutes, then with doubling pauses up to a day, and immediately after a new sign-in. After the repair, `POST /v1/grants/{id}/retry` or validating the account asks Microsoft at once; for app-only access, validate the account.',
  reconnect_required:
    'Microsoft no longer accepts the stored sign-in, for example because the password was changed, consent was revoked, or the sign-in was unused for too long. The user must sign in again with "Get Access Token".',
  login_failed:
    'The problem of an email account whose `health` is `failing`: its access token can be had, but the mail server refused the last login. `diagnosis` names the cause and who can fix it. After the repair, validate the account.',
  cannot_send:
    'A test message can be sent through SMTP accounts only, and only if the sender, which is `from` or else `username` of the account, is one address in ASCII without quotes. Use another account, or save this one with such an address as `from`.',
  not_oauth: 'The account logs in with a password, so it has no access token.',
  provider_unavailable:
    'Microsoft did not answer or is limiting requests. The grant is unaffected and is retried automatically. Repeat the call after `Retry-After`; do not ask the user to sign in again.',
  checker_unavailable:
    'The checker, which logs in to mail servers, did not answer, so the account could not be tested. Try again. If the problem persists, the operator should check `/readyz`.',
  authorization_expired:
    'A link is valid for ten minutes unless it was created with a longer lifetime, and the sign-in must then finish within ten minutes. Create a new link.',
  authorization_used:
    'A link can be used for one sign-in only, and this one has finished or was opened in another browser. Check the status of the authorization, or create a new link.',
  sign_in_refused:
    'The user declined, or Microsoft stopped the sign-in. `diagnosis` names the cause and who can fix it.',
  wrong_browser:
    'For security, a sign-in must finish in the browser where it began. Open the link again and stay in that browser. On http://localhost use Chrome, Edge or Firefox: Safari does not store the cookie there.',
  idempotency_key_reused:
    'An `Idempotency-Key` identifies one request, and this one was already used with a different body. Use a new key for a new request.',
  idempotency_in_progress:
    'The first request with this `Idempotency-Key` has not finished. Repeat the request after `Retry-After` to get its response.',
  key_missing:
    'Stored data, or the hash of the API key of this call, was encrypted with a key that is no longer in `ENCRYPTION_KEYS`. The operator must put the key back. Nothing was changed.',
  storage_unavailable:
    'The database did not answer. Nothing was left half done: repeat the call after `Retry-After`. If the file of your own server was deleted, replaced or damaged, `detail` says so, and nothing is stored until an administrator has acted.',
  overloaded:
    'Your own server answers 1,024 requests at once, and this one came on top. Nothing was done: repeat the call after `Retry-After`.',
  internal_error:
    'An unexpected error occurred. Repeat the call. If the problem persists, give the `request_id` to your Mailgrant administrator, who can find the cause in the log.',
}
