/** POST /v1/mail-accounts/{id}/access-token, called by mail workers for a login. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { MailAccountId } from '../../schema/common.ts'
import { AccessToken, AccessTokenForm, AccessTokenInput } from '../../schema/mail-account.ts'
import type { ProblemCode } from '../../schema/problems.ts'
import type { KeyLookup } from '../domain/access/authenticate.ts'
import { issueAccessToken } from '../domain/tokens/issue-access-token.ts'
import { type AppEnv, callOf, createRouter, validationProblem } from './app-env.ts'
import { requireKeyScope } from './guard.ts'
import { jsonResponse, readAnyJson } from './json.ts'
import { prefersText } from './text.ts'
import { unwrap } from './to-problem.ts'

/** Recognises this route before the router does: its bodies and problems differ from those of the others. */
export const isAccessTokenPath = (path: string): boolean =>
  /^\/v1\/mail-accounts\/[^/]+\/access-token$/.test(path)

/**
 * Returns a lookup that reads a key together with everything that issuing a token for the account requires, in one
 * round trip.
 */
export const keyWithAccount =
  (c: Context<AppEnv>, accountId: string): KeyLookup =>
  async (keyId) => {
    const { tokenIssue } = c.get('services').store
    const { key, context } = await tokenIssue.readWithKey(keyId, accountId)
    c.set('tokenIssue', context)
    return key
  }

const guard = requireKeyScope('tokens', (c) => keyWithAccount(c, c.req.param('id') ?? ''))

const issue = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/access-token',
  ...guard,
  middleware: [...guard.middleware, readAnyJson],
  operationId: 'issueAccessToken',
  tags: ['Email accounts'],
  summary: 'Issue an access token for a login',
  description:
    "Returns the stored token while it has at least 5 minutes left. Otherwise refreshes it once, even for many callers. Mail workers keep the token for `expires_in` minus 300 seconds, then call again. If the mail server refused a token, send its expiry as `rejected_expires_at`. The response is a newer token, at most once a minute per grant. If it is the same token, `Retry-After` says when to call again. If the server refuses the next token, too, validate the account to find out why. An app-only account's token opens every mailbox to which the app has access, so a key limited to email accounts can fetch it only if it was created with `app_only` (403 `app_only_not_allowed`). A token is valid for everything that its grant covers, so an IMAP account's token can also send mail if the grant covers SMTP. With `graph_send`, `mechanism` is `Bearer`, and `api_base` and `mailbox_path` replace `xoauth2`. A Microsoft outage is 503.\n\nThe response is plain text if `Accept` prefers `text/plain` to `application/json`: only the token, or the string that `form` selects, and problems are one line of text. The body is optional. JSON is read whatever its content type, and anything else is a 422.",
  request: {
    params: z.object({ id: MailAccountId }),
    query: z.object({ form: AccessTokenForm }),
    body: { content: { 'application/json': { schema: AccessTokenInput } } },
  },
  responses: {
    200: {
      // Without text/plain, which generated clients never request but would have to distinguish.
      ...jsonResponse('The token and everything else that its use requires.', AccessToken),
      headers: {
        'Retry-After': {
          description:
            'Seconds until a token that the mail server refused can be replaced; only if it is too young now.',
          schema: { type: 'integer', example: 42 },
        },
      },
    },
  },
  'x-problems': [
    'customer_suspended',
    'not_oauth',
    'app_only_not_allowed',
    'integration_inactive',
    'reconnect_required',
    'grant_blocked',
    'credential_rejected',
    'mail_host_not_allowed',
    'protocol_not_granted',
    'provider_unavailable',
  ] satisfies ProblemCode[],
})

export const accessTokens = createRouter().openapi(issue, async (c) => {
  const { rejected_expires_at: rejected } = c.req.valid('json') ?? {}
  const { id } = c.req.valid('param')
  const { form } = c.req.valid('query')
  const asText = prefersText(c.req.header('accept'))
  if (form !== undefined && !asText) throw formWithoutText
  const services = c.get('services')
  const call = callOf(c)
  const { token, retryAfter } = unwrap(
    await issueAccessToken(
      services,
      call,
      id,
      { rejectedExpiresAt: rejected ?? undefined },
      c.get('tokenIssue'),
    ),
  )
  c.set('issuedFromStore', !token.refreshed)
  const headers = {
    'cache-control': 'no-store',
    ...(retryAfter !== null && { 'retry-after': String(retryAfter) }),
  }
  // Not in the types, since it is not in the document.
  if (asText) return c.text(textOf(token, form), 200, headers) as never
  return c.json(token, 200, headers)
})

const formProblem = (message: string) =>
  validationProblem('query', { issues: [{ code: 'custom', path: ['form'], message }] })

const formWithoutText = formProblem('requires the header "Accept: text/plain"')
const formOfMailServers = formProblem(
  'is for logins at mail servers; a token for Microsoft Graph has no such form',
)

function textOf(token: AccessToken, form: AccessTokenForm = 'token'): string {
  if (form === 'token') return token.access_token
  if (token.mechanism === 'Bearer') throw formOfMailServers
  return token[form]
}
