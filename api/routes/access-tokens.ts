/** POST /v1/mail-accounts/{id}/access-token: what mail workers call before every login. */
import { createRoute, z } from '@hono/zod-openapi'
import { MailAccountId } from '../../schema/common.ts'
import { AccessToken, AccessTokenInput } from '../../schema/mail-account.ts'
import { handOut } from '../domain/hand-out.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needsKey } from './guard.ts'
import { bodyCodes, jsonAnswer } from './json.ts'

const issue = createRoute({
  method: 'post',
  path: '/mail-accounts/{id}/access-token',
  ...needsKey('tokens'),
  operationId: 'issueAccessToken',
  tags: ['Mail accounts'],
  summary: 'Hand out an access token that is good for a login now',
  request: {
    params: z.object({ id: MailAccountId }),
    body: { content: { 'application/json': { schema: AccessTokenInput } } },
  },
  responses: {
    200: jsonAnswer('A token, and everything else that the login needs.', AccessToken),
    ...guardProblems,
    ...problems(
      ...bodyCodes,
      'not_found',
      'not_oauth',
      'integration_inactive',
      'reconnect_required',
      'grant_blocked',
      'credential_rejected',
      'mail_host_not_allowed',
      'provider_unavailable',
      'key_missing',
    ),
  },
})

export const accessTokens = createRouter().openapi(issue, async (c) => {
  const { rejected_expires_at: rejected } = c.req.valid('json') ?? {}
  const { id } = c.req.valid('param')
  const token = orThrow(await handOut(c.get('services'), callOf(c), id, rejected))
  return c.json(token, 200, { 'cache-control': 'no-store' })
})
