/** Introduction and chapters of the API reference, in the order in which an integrator meets them. */
export const introduction = `An *email account* is Mailgrant's record of a mailbox and how to log in to it, \`mail-accounts\` and \`mail_account\` in paths and fields. A *grant* is the lasting result of a sign-in at Microsoft, from which Mailgrant issues access tokens.

## First steps
1. Activate the integration and save your app registration (\`PUT /v1/integrations/microsoft/settings\`). The setup guide lists every value to enter in Entra.
2. Create an authorization (\`POST /v1/authorizations\`) and pass its \`url\` and \`status_url\` to \`connect\` from [/connect.js](/connect.js). [Your own page](/docs/guides/third-party-page) has the code.
3. Read the authorization and take the id of its \`grant\`.
4. Validate the form with that grant (\`POST /v1/validations\`), which is a real login.
5. Save an email account for each protocol (\`POST /v1/mail-accounts\`). A grant that no account uses is deleted after an hour, or a day if its link was sent.
6. Fetch an access token (\`POST /v1/mail-accounts/{id}/access-token\`), log in with it, or send it to Microsoft Graph for \`graph_send\`, and keep it until five minutes before it expires.

## Programs that know OAuth
A mail client or library that refreshes its access token can use \`POST /oauth/token\`, with the email account's ID as the client ID and an API key as the refresh token. [Mail programs](/docs/mail-programs) has the settings of each, and a script for programs that run a command.

## Keys and scopes
Send \`Authorization: Bearer mg_...\` with every call below \`/v1\`. Keep keys on your servers, because the API doesn't support CORS. Each operation states the scope it requires:
- \`read\`: read everything except secrets.
- \`write\`: includes \`read\`; create email accounts, authorizations, validations, diagnoses and admin-consent links.
- \`tokens\`: fetch access tokens. Includes no other scope.
- \`admin\`: includes all scopes, and is required to change the integration, API keys and webhooks. A customer's key needs \`write\` for its own webhooks.

## Conventions
- **Bodies** are JSON in \`snake_case\`. Unknown properties and query parameters are rejected.
- **Ids** have a prefix by type: \`ma_\` email account, \`az_\` authorization, \`gr_\` grant, \`va_\` validation, \`key_\` API key, \`wh_\` webhook, \`ev_\` event.
- **Times** are RFC 3339 in UTC.
- **Pagination**: lists are \`{"data": [...], "next_cursor": ...}\`, newest first unless a \`sort\` is given, with 50 items per page, or up to 200 with \`limit\`. Pass \`next_cursor\` as \`cursor\` to get the next page. It is null on the last one.
- **POST** requests that create something accept an \`Idempotency-Key\` of your choice. Repeating the key with the same body within 24 hours returns the first response, with \`Idempotency-Replayed: true\`, without repeating the work. A different body is rejected. An API key's \`key\` and a webhook's \`secret\` are not repeated. Links are repeated until they expire.
- **PUT** replaces the whole resource. Send the \`ETag\` you read as \`If-Match\` to get a 412 instead of overwriting a concurrent change.
- **Errors** are RFC 9457 problems (\`application/problem+json\`). Branch on \`code\`, which is stable. Show \`detail\`, which says what to do. Quote \`request_id\`, which is also in every response's \`X-Request-Id\` header. If a cause is known, \`diagnosis\` explains it.
- **Compatibility**: changes that can break a client come only with a new major version, or before 1.0.0 with a new minor version. Ignore properties that you do not recognise, and expect more values where \`x-extensible\` is true. Operations with \`x-internal\` are for the console and operators.
- **429** \`rate_limited\`: wait for the seconds in \`Retry-After\`. Within a minute, the limits are 30 failed authentications from a client address, 300 calls of an API key that start a sign-in (authorizations, imports, admin-consent links), and 300 that log in to a mailbox (validations, test messages). An operator can change these limits on Cloudflare. A grant can be retried once a minute. Test messages are also limited to 10 an hour from a mailbox and 30 by an API key. Other calls, such as fetching access tokens, are not limited.
- **503** responses state in \`Retry-After\` when to retry. A Microsoft outage is never reported as a revoked grant.`

export const tags = [
  {
    name: 'Integrations',
    description: 'Activation, app registration in Microsoft Entra, and its setup guide.',
  },
  {
    name: 'Authorizations',
    description: '"Get Access Token": from the sign-in link to the grant.',
  },
  { name: 'Grants', description: 'Results of sign-ins: tokens, refreshed automatically.' },
  {
    name: 'Email accounts',
    description: 'Email accounts: mailboxes, how to log in to them, and their access tokens.',
  },
  {
    name: 'Validations',
    description: '"Validate Authentication": a real login, step by step.',
  },
  {
    name: 'Diagnoses',
    description:
      'Why a mailbox does not connect, who must act, and the fix. Every cause has a public page at [/docs/causes](/docs/causes).',
  },
  { name: 'Events', description: 'The audit trail: who did what.' },
  {
    name: 'Customers',
    description:
      'Customers of a vendor: each has its own keys, email accounts, webhooks and events.',
  },
  { name: 'API keys', description: 'Keys with their scopes and limits.' },
  {
    name: 'Webhooks',
    description:
      "Endpoints that receive a message when something needs attention. A customer's key needs `write` and sees only that customer's endpoints.",
  },
  { name: 'Console', description: 'Sign-in of the console. Not for other programs.' },
  {
    name: 'Operating',
    description: 'Liveness, readiness, and use of the encryption keys.',
  },
]
