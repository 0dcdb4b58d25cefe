/** /v1/authorizations: "Get Access Token". */
import { createRoute, z } from '@hono/zod-openapi'
import {
  Authorization,
  AuthorizationCreated,
  AuthorizationInput,
  AuthorizationList,
  AuthorizationQuery,
} from '../../schema/authorization.ts'
import { AuthorizationId } from '../../schema/common.ts'
import { createAuthorization } from '../domain/sign-ins/create.ts'
import { endAuthorization, listAuthorizations, readAuthorization } from '../domain/sign-ins/read.ts'
import { AUTHORIZE, STATUS } from '../paths.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Authorizations']

const create = createRoute({
  method: 'post',
  path: '/authorizations',
  ...idempotent(requireScope('write', { rate: 'authorizations' }), { untilExpiry: true }),
  operationId: 'createAuthorization',
  tags,
  summary: 'Create a sign-in link',
  description:
    '"Get Access Token": creates a link where a person signs in. Open `url` in a popup and poll `status_url` from the page, or read the authorization from your server; then save an email account with its grant. Every call creates a new link and ends an open one for the same mailbox that the same API key or person created. A link works as long as its creator has access. 50 can be open at a time. Mailgrant sends no email: webhooks receive `authorization.completed` or `authorization.failed` once the link was used, or, with an `expires_in` above 3,600, has ended unused.',
  request: { headers: IdempotencyKey, ...jsonBody(AuthorizationInput) },
  responses: {
    201: jsonResponse(
      'Open `url` in a popup and poll `status_url`. Both contain secrets that are returned only here.',
      AuthorizationCreated,
    ),
    ...problems(
      'customer_name_similar',
      'customer_suspended',
      'too_many_links',
      'origin_not_allowed',
      'integration_inactive',
      'integration_not_configured',
      'protocol_not_enabled',
    ),
  },
})

const list = createRoute({
  method: 'get',
  path: '/authorizations',
  ...requireScope('read'),
  operationId: 'listAuthorizations',
  tags,
  summary: 'List sign-ins, newest first',
  description:
    'Lists open links, and sign-ins until a day after their end. Filter by status or by mailbox. The secrets of links are not returned.',
  request: { query: AuthorizationQuery },
  responses: {
    200: jsonResponse('A page of authorizations.', AuthorizationList),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/authorizations/{id}',
  ...requireScope('write'),
  operationId: 'endAuthorization',
  tags,
  summary: 'End a sign-in link',
  description:
    'The link stops working immediately, also for a person who is signing in at Microsoft. Returns the authorization: `failed` with `authorization_ended`, or unchanged if it had ended before. The grant of a completed sign-in stays: delete it with `DELETE /v1/grants/{id}`.',
  request: { params: z.object({ id: AuthorizationId }) },
  responses: {
    200: jsonResponse('The authorization.', Authorization),
  },
})

const read = createRoute({
  method: 'get',
  path: '/authorizations/{id}',
  ...requireScope('read'),
  operationId: 'getAuthorization',
  tags,
  summary: 'Get the status of a sign-in and its grant',
  description:
    '`grant` is present once the sign-in is completed, `problem` once it has failed or expired. After a minute in `pending`, `hint` suggests what to check if the person has not returned from Microsoft.',
  request: { params: z.object({ id: AuthorizationId }) },
  responses: {
    200: jsonResponse('The authorization.', Authorization),
  },
})

export const authorizations = createRouter()
  .openapi(create, async (c) => {
    const services = c.get('services')
    const input = c.req.valid('json')
    const created = unwrap(await createAuthorization(services, callOf(c), input))
    const { id, linkSecret, statusSecret } = created
    const { publicUrl } = services.settings
    c.header('cache-control', 'no-store')
    return c.json(
      {
        id,
        status: 'pending' as const,
        url: `${publicUrl}${AUTHORIZE}?authorization=${id}&secret=${linkSecret}`,
        status_url: `${publicUrl}${STATUS}/${id}?secret=${statusSecret}`,
        login_host: created.loginHost,
        expires_at: created.expiresAt.toISOString(),
      },
      201,
    )
  })
  .openapi(list, async (c) =>
    c.json(await listAuthorizations(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await endAuthorization(c.get('services'), callOf(c), id)), 200)
  })
  .openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await readAuthorization(c.get('services'), callOf(c), id)), 200)
  })
