/** The introduction of the API reference, and its chapters in the order in which they are met. */
export const introduction = `Mailgrant does OAuth for Microsoft mailboxes: consent in a popup, encrypted grants that are kept fresh, real IMAP and SMTP logins, and a diagnosis that says why something does not connect and who must act.

## First steps
1. Activate the integration and save your app registration (\`PUT /v1/integrations/microsoft/settings\`); the setup guide has each value that Entra asks for.
2. Make an authorization (\`POST /v1/authorizations\`) and hand its \`url\` and \`status_url\` to your page: \`connect\` of [/connect.js](/connect.js) opens the one in a popup and polls the other until it has ended. The README has the ten lines.
3. Read the authorization and take the id of its \`grant\`.
4. Validate the form with that grant (\`POST /v1/validations\`): a real login, step by step.
5. Save the mail account (\`POST /v1/mail-accounts\`). A grant that no account names is gone after an hour.
6. Before every login ask for a token (\`POST /v1/mail-accounts/{id}/access-token\`).

## Keys and scopes
Send \`Authorization: Bearer mg_...\` with every call below \`/v1\`. Keys stay on servers: there is no CORS. Each operation names the one scope that it needs:
- \`read\` sees everything but secrets;
- \`write\` includes \`read\` and makes mail accounts, authorizations, validations, diagnoses and admin-consent links;
- \`tokens\` is handed access tokens, and includes neither;
- \`admin\` includes all, and alone changes the integration, keys and webhooks.

## Conventions
- **Bodies** are JSON in \`snake_case\`. Unknown members are refused.
- **Ids** begin with their kind: \`ma_\` mail account, \`az_\` authorization, \`gr_\` grant, \`va_\` validation, \`key_\` API key, \`wh_\` webhook, \`ev_\` event.
- **Times** are RFC 3339 in UTC.
- **Lists** are \`{"data": [...], "next_cursor": ...}\`, newest first, 50 on a page or up to 200 with \`limit\`. Pass \`next_cursor\` as \`cursor\` to go on; it is null on the last page.
- **POST** that creates takes an \`Idempotency-Key\` of yours: repeated with the same body within 24 hours it gives the same answer and does nothing again; with another body it is refused. Secrets that are shown once are left out of a repeated answer.
- **PUT** replaces the whole thing. With \`If-Match\` and the \`ETag\` that you read, a change that somebody else made meanwhile is a 412 instead of lost.
- **Errors** are RFC 9457 problems (\`application/problem+json\`). Branch on \`code\`, which is stable; show \`detail\`, which says what to do; quote \`request_id\`, which is also in the header \`X-Request-Id\` of every answer. Where a cause is known there is a \`diagnosis\`.
- **429** comes when failed authentications, authorizations or validations follow one another too fast: wait the seconds of \`Retry-After\`. The rates are a setting of the deployment; no other call is limited.
- **503** says in \`Retry-After\` when to try again. An outage of Microsoft is never reported as a revoked grant.`

export const tags = [
  {
    name: 'Integrations',
    description: 'The switch, the app registration at Microsoft Entra, and how to set it up.',
  },
  { name: 'Authorizations', description: '"Get Access Token": from the link to the grant.' },
  { name: 'Grants', description: "What a person's consent left: tokens, kept fresh." },
  {
    name: 'Mail accounts',
    description: 'Mailboxes, how to log in to them, and the tokens for it.',
  },
  {
    name: 'Validations',
    description: '"Validate Authentication": a real login, step by step.',
  },
  { name: 'Diagnoses', description: 'Why it does not connect, who must act, and the fix.' },
  { name: 'Events', description: 'The audit trail: who did what.' },
  { name: 'API keys', description: 'Who may call, for what, and for which mail accounts.' },
  { name: 'Webhooks', description: 'Endpoints of yours that are told when a state changes.' },
  { name: 'Console', description: 'How the console signs in. Nothing for other programs.' },
  {
    name: 'Operating',
    description: 'Whether the service runs and is ready, and which encryption keys it needs.',
  },
]
