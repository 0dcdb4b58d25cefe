/**
 * All problem codes, a row for each with its texts. Thrown problems, the document and the documentation read them here.
 */
type Row = {
  status: number
  title: string
  /** The help in the documentation: what happened, then what to do. The `detail` of a problem is about one case. */
  help: string
}

export const problemTable = {
  bad_request: {
    status: 400,
    title: 'Malformed request',
    help: 'A parameter is missing, appears twice, or was not created by Mailgrant. In a browser, start again from the page that gave you the link.',
  },
  invalid_json: {
    status: 400,
    title: 'The request body is not JSON',
    help: 'The body could not be parsed. Send a single JSON value in UTF-8, and check for a trailing comma or an unescaped quote.',
  },
  validation_failed: {
    status: 422,
    title: 'The request has invalid values',
    help: '`errors` lists each invalid value by JSON pointer, with the reason. Correct them, then repeat the request.',
  },
  unauthorized: {
    status: 401,
    title: 'A valid API key is required',
    help: 'The call had no API key, or one that is unknown, revoked or expired. Send `Authorization: Bearer ...` with a valid key. In the console, sign in again.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The API key lacks the required scope',
    help: 'The key is valid but lacks the scope that the API reference states for this operation. Use another key, or ask an administrator to create one with that scope.',
  },
  key_limited: {
    status: 403,
    title: 'The API key is limited',
    help: 'The key is limited to certain email accounts or to one customer, and this call goes beyond them. Use a key without that limit.',
  },
  tenant_not_allowed: {
    status: 409,
    title: 'The organisation belongs to another customer',
    help: 'Another customer already has email accounts of the organisation that signed in. Nothing was stored. If the organisation really belongs to both customers, start the sign-in with an unlimited key.',
  },
  customer_suspended: {
    status: 409,
    title: 'The customer is suspended',
    help: 'Your Mailgrant administrator has suspended the customer, which stops its access tokens, links, sign-ins, validations and test messages. Nothing is lost, and the customer can be resumed. A deleted customer is suspended until all its data is deleted.',
  },
  confirmation_outdated: {
    status: 409,
    title: 'The confirmation does not match',
    help: 'Deleting a customer deletes its email accounts, so `confirm` must be their number. It has changed or is wrong. Read the customer again.',
  },
  too_many_webhooks: {
    status: 409,
    title: 'Too many webhooks',
    help: 'A customer can have 10 webhooks. Delete one that is no longer needed.',
  },
  customer_name_similar: {
    status: 422,
    title: 'A customer with a similar name exists',
    help: "The name differs from a known customer's only in upper and lower case. Use the known name, or another one.",
  },
  app_only_not_allowed: {
    status: 403,
    title: 'The API key lacks the right to app-only access',
    help: 'The account is app-only: its token belongs to the app and opens every mailbox of the tenant that the app was given access to. A key limited to single email accounts may fetch it only if it was created with `app_only`. A test message through such an account requires a key with the scope `admin` or one with `app_only`, because the app can send from other mailboxes too. Ask an administrator for such a key, or for one without a limit.',
  },
  console_key_refused: {
    status: 403,
    title: 'The console does not accept this API key',
    help: 'The setting `CONSOLE_KEYS` is `off`: the console accepts no API key except `ROOT_API_KEY`. Sign in to the console with Microsoft. The key still works for calls of the API.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    help: 'There were too many calls of this kind within a minute, the same sign-in was retried less than a minute ago, or this mailbox or key has reached its hourly limit of test messages. Wait for `Retry-After`, then continue.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    help: 'No path or resource with this id exists, or your key cannot see it. Check the id, whose prefix shows the type of the resource.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    help: 'The path exists, but not with this method. The `Allow` header lists the supported methods.',
  },
  misdirected_request: {
    status: 421,
    title: 'Unknown host name',
    help: "On your own server only: the `Host` header is neither the host of `PUBLIC_URL` nor this machine (localhost with the server's port). Browsers send such requests when another site points its name at your server, so they are refused. Open the address in `PUBLIC_URL`. If a proxy is in front, let it pass on `Host`, or correct `PUBLIC_URL`. Calls with an API key (`mg_...`) may use any host.",
  },
  payload_too_large: {
    status: 413,
    title: 'The request body is too large',
    help: "The body exceeds the limit in `detail`. Send only the part of an error text that contains the server's response.",
  },
  unsupported_media_type: {
    status: 415,
    title: 'The request body must be JSON',
    help: 'Send the body as JSON with `Content-Type: application/json`.',
  },
  precondition_failed: {
    status: 412,
    title: 'Changed in the meantime',
    help: 'The resource was changed after you read it, so your `If-Match` no longer matches. Read it again, and repeat your change.',
  },
  precondition_required: {
    status: 428,
    title: 'This change requires If-Match',
    help: 'Someone else could change the resource at the same time. Read it, and send the `ETag` of that response as `If-Match`. `*` overwrites any version.',
  },
  api_key_ended: {
    status: 409,
    title: 'The API key is no longer valid',
    help: 'An API key cannot be changed once it has expired, was revoked, or ended because `ACCESS_EPOCH` or its row in the database was changed. Create another one.',
  },
  integration_inactive: {
    status: 409,
    title: 'The integration is not active',
    help: 'The Microsoft integration is not active. Nothing is lost. Activate it in the console or with `POST /v1/integrations/microsoft/activate`, and everything works as before.',
  },
  integration_not_configured: {
    status: 409,
    title: 'The integration is not configured',
    help: 'No app registration has been saved yet, or the saved one is damaged or was changed by something other than Mailgrant. Save its client ID and a credential in the settings of the integration; the setup guide shows where to find them in Entra.',
  },
  client_secret_is_an_id: {
    status: 422,
    title: "This is the secret's ID, not its value",
    help: 'Entra shows two values for a secret, and this is the one from the column "Secret ID". Paste the one from "Value". Entra shows it only once: if you no longer have it, create a new secret.',
  },
  issuer_not_public: {
    status: 422,
    title: 'Entra cannot reach this issuer',
    help: "With a federated credential, Entra reads Mailgrant's keys at `PUBLIC_URL`. That must be an https address with a public host name, not localhost, an IP address or a name on a private network. Otherwise use a certificate, which needs no address.",
  },
  credential_required: {
    status: 422,
    title: 'A credential is required',
    help: 'A credential belongs to one client ID. Send the credential of the new client ID together with it.',
  },
  next_credential_missing: {
    status: 409,
    title: 'There is no next credential',
    help: 'No next credential is stored, it has expired, or it is too late to undo the last promotion. Store one before you verify or promote it.',
  },
  credential_rejected: {
    status: 409,
    title: 'Microsoft rejected the app credential',
    help: 'Microsoft rejects the credential of the app registration: it has expired, was removed, or belongs to another app. An administrator must save a new one in the settings of the integration. No mailbox has to be reconnected.',
  },
  grants_depend: {
    status: 409,
    title: 'Sign-ins depend on the current settings',
    help: '`grants` is the number of sign-ins that the change concerns. With another client ID or cloud, people would have to repeat all of them. Send `?confirm=true` to confirm. A federated credential is first stored as the next one, verified and promoted.',
  },
  origin_not_allowed: {
    status: 422,
    title: 'This origin is not allowed',
    help: 'Popups and return URLs are only allowed for the origins in `ALLOWED_ORIGINS`, including scheme and port. Correct the origin, or ask your Mailgrant administrator to add it.',
  },
  mail_host_not_allowed: {
    status: 422,
    title: 'This mail server is not allowed',
    help: 'An access token is sent only to the servers of the Microsoft cloud that issued it and to those in `EXTRA_OAUTH_MAIL_HOSTS`. Use the suggested server, or ask your Mailgrant administrator to add yours.',
  },
  password_required: {
    status: 422,
    title: 'The password is required again',
    help: 'A stored password is only used with the server and username it was entered for. Enter it again together with the new values.',
  },
  account_mismatch: {
    status: 409,
    title: 'A different account signed in',
    help: 'The user who signed in is not the one in the form. For a shared mailbox, set that user as the delegate. Otherwise, repeat the sign-in with the right account.',
  },
  protocol_not_granted: {
    status: 409,
    title: 'The sign-in does not cover this protocol',
    help: "The user consented to a different protocol, or to Microsoft Graph in their own mailbox only. Sign in again for this protocol, with `delegate` if the mailbox is someone else's. Many organisations require an administrator to consent.",
  },
  protocol_not_enabled: {
    status: 409,
    title: 'The protocol is not enabled',
    help: 'The Microsoft settings list the protocols that email accounts and sign-ins may use, and this one is not among them. An administrator can add it to `protocols` there, with its permission in the app registration.',
  },
  grant_not_usable: {
    status: 409,
    title: 'The sign-in cannot be used',
    help: 'The sign-in in the form was deleted or no longer works. An unsaved sign-in is deleted after an hour, or after a day if its link was sent. Sign in again, then save.',
  },
  grant_in_use: {
    status: 409,
    title: 'The sign-in is in use',
    help: '`mail_accounts` lists the email accounts that use this sign-in. Give them another one first, or delete it with `?detach=true` and reconnect them later.',
  },
  mail_account_exists: {
    status: 409,
    title: 'The email account exists already',
    help: 'The request has `unique` set, and an account with the same owner, protocol and mailbox exists. `existing` is its id. Use that one, or replace it with `PUT`.',
  },
  grant_blocked: {
    status: 409,
    title: 'An administrator must act',
    help: 'Only an administrator of the organisation can change what Microsoft requires, such as a Conditional Access policy or a consent. Mailgrant retries after 5 minutes, then with doubling pauses up to a day, and immediately after a new sign-in. To retry now, call `POST /v1/grants/{id}/retry`, or validate an app-only account.',
  },
  reconnect_required: {
    status: 409,
    title: 'The mailbox must be reconnected',
    help: 'Microsoft no longer accepts the sign-in, for example because the password was changed, consent was revoked, or the sign-in was unused for too long. The user must sign in again with "Get Access Token".',
  },
  login_failed: {
    status: 409,
    title: 'The last login was refused',
    help: "Mailgrant can get an access token, but the mail server refused the last login. `diagnosis` shows the cause and who can fix it. Once that's fixed, validate the account.",
  },
  not_oauth: {
    status: 409,
    title: 'The account does not use OAuth',
    help: 'The account logs in with a password, so it has no access token.',
  },
  cannot_send: {
    status: 409,
    title: 'The account cannot send a test message',
    help: 'A test message can be sent through SMTP accounts only, and only if the sender, which is `from` or else `username` of the account, is one address in ASCII without quotes. Use another account, or save this one with such an address as `from`.',
  },
  provider_unavailable: {
    status: 503,
    title: 'Microsoft is currently unreachable',
    help: 'Microsoft did not respond or is limiting requests. The sign-in is unaffected. Repeat the call after `Retry-After`, and do not ask the user to sign in again.',
  },
  authorization_expired: {
    status: 410,
    title: 'The link has expired',
    help: 'A link is valid for ten minutes unless it was created with a longer lifetime, and the sign-in must then finish within ten minutes. Create a new link.',
  },
  authorization_used: {
    status: 410,
    title: 'The link was already used',
    help: 'A link can be used for one sign-in only, and this one has finished or was opened in another browser. Read the status of the authorization, or create a new link.',
  },
  authorization_ended: {
    status: 410,
    title: 'The link no longer works',
    help: 'The caller that created the link ended it, created a newer one for the same mailbox, or no longer has access, because the API key was revoked or has expired or the person lost the role. Create a new link.',
  },
  too_many_links: {
    status: 409,
    title: 'Too many open links',
    help: 'An API key or person may have 50 links that are neither used nor expired, and a customer 20 admin-consent links. End those that are no longer needed with `DELETE /v1/authorizations/{id}`, or wait until some have been used.',
  },
  sign_in_refused: {
    status: 400,
    title: 'Microsoft did not complete the sign-in',
    help: 'The user declined, or Microsoft stopped the sign-in. `diagnosis` shows the cause and who can fix it.',
  },
  refresh_token_refused: {
    status: 422,
    title: 'Microsoft refused the refresh token',
    help: 'Microsoft does not accept the refresh token that was to be imported; `diagnosis` says why. A refresh token works only with the app registration (client ID) that it was issued to. Nothing was stored, and no other sign-in is affected. If the token has expired or was revoked, the user must sign in.',
  },
  identity_unknown: {
    status: 422,
    title: "The token's account is not proven",
    help: "Microsoft's response to the refresh has no valid ID token, so Mailgrant can't tell whose mailbox the token opens. It must have been issued with `openid`. If the other product did not request that, the user must sign in. Nothing was stored.",
  },
  wrong_browser: {
    status: 400,
    title: 'The sign-in was started in another browser',
    help: 'For security, a sign-in must finish in the browser where it began. Open the link again and stay in that browser. On http://localhost use Chrome, Edge or Firefox: Safari does not store the cookie there.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was used for a different request',
    help: 'An `Idempotency-Key` identifies one request, and this one was already used with a different body. Use a new key for a new request.',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'The same request is in progress',
    help: 'The first request with this `Idempotency-Key` has not finished. Repeat the request after `Retry-After` to get its response.',
  },
  key_missing: {
    status: 503,
    title: 'An encryption key is missing',
    help: "Stored data, or the hash of this call's API key, was encrypted with a key that is no longer in `ENCRYPTION_KEYS`. Your Mailgrant administrator must put the key back. Nothing was changed.",
  },
  storage_unavailable: {
    status: 503,
    title: 'The database is currently unreachable',
    help: 'The database did not respond. Nothing was left half done, so repeat the call after `Retry-After`. If the file of your own server was deleted, replaced or damaged, `detail` says so, and nothing is stored until an administrator has acted.',
  },
  overloaded: {
    status: 503,
    title: 'Too many requests at once',
    help: 'Your own server handles 1,024 requests at once, and this one was over the limit. Nothing was done, so repeat the call after `Retry-After`.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    help: 'An unexpected error occurred. Repeat the call. If the problem persists, give the `request_id` to your Mailgrant administrator, who can find the cause in the log.',
  },
} as const satisfies Record<string, Row>

export type ProblemCode = keyof typeof problemTable
export const problemCodes = Object.keys(problemTable) as ProblemCode[]
