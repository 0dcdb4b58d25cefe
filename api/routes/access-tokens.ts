/** POST /v1/mail-accounts/{id}/access-token, called by mail workers before every login. */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId } from '../../schema/common.ts'
import { AccessToken, AccessTokenInput } from '../../schema/mail-account.ts'
import { issueAccessToken } from '../domain/tokens/issue-access-token.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { type GuardLookup, guardProblems, requireKeyScope } from './guard.ts'
import { bodyProblems, ignoreEmptyBody, jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

/** Loads the key and all that issuing a token requires in one round trip. The guard checks the key first. */
const loadKeyAndAccount: GuardLookup = async (c, keyId) => {
  const { key, context } = await c
    .get('services')
    .store.tokenIssue.readWithKey(keyId, c.req.param('id') ?? '')
  c.set('tokenIssue', context)
  return key
}

const guard = requireKeyScope('tokens', loadKeyAndAccount)

const issue = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/access-token',
  ...guard,
  middleware: [...guard.middleware, ignoreEmptyBody],
  operationId: 'issueAccessToken',
  tags: ['Mail accounts'],
  summary: 'Issue an access token for a login',
  description:
    'Mail workers call this before every login. Returns the stored token while it has at least 5 minutes left; otherwise refreshes it once, however many callers ask at the same time. If the mail server refused a token, send its expiry as `rejected_expires_at` to force a refresh, at most once a minute per grant. If the same `expires_at` comes back, the token was refreshed less than a minute ago: wait a minute and call again. If the server refuses the next token too, the token is not the cause: validate the account to find out why. The token of an app-only account belongs to the app itself and opens every mailbox of the tenant that the app was given access to; a key limited to email accounts is refused it (403 `app_only_not_allowed`) unless it was created with `app_only`. A Microsoft outage is reported as 503, never as a revoked grant.',
  request: {
    params: z.object({ id: MailAccountId }),
    body: { content: { 'application/json': { schema: AccessTokenInput } } },
  },
  responses: {
    200: jsonResponse('The token and everything else the login requires.', AccessToken),
    ...guardProblems,
    ...problems(
      ...bodyProblems,
      'not_found',
      'not_oauth',
      'app_only_not_allowed',
      'integration_inactive',
      'reconnect_required',
      'grant_blocked',
      'credential_rejected',
      'mail_host_not_allowed',
      'protocol_not_granted',
      'provider_unavailable',
      'key_missing',
    ),
  },
})

export const accessTokens = createRouter().openapi(issue, async (c) => {
  const { rejected_expires_at: rejected } = c.req.valid('json') ?? {}
  const { id } = c.req.valid('param')
  const token = unwrap(
    await issueAccessToken(c.get('services'), callOf(c), id, rejected, c.get('tokenIssue')),
  )
  return c.json(token, 200, { 'cache-control': 'no-store' })
})
