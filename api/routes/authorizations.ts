/** /v1/authorizations: "Get Access Token". */
import { createRoute, z } from '@hono/zod-openapi'
import {
  Authorization,
  AuthorizationCreated,
  AuthorizationInput,
} from '../../schema/authorization.ts'
import { AuthorizationId } from '../../schema/common.ts'
import { createAuthorization } from '../domain/sign-ins/create.ts'
import { readAuthorization } from '../domain/sign-ins/read.ts'
import { AUTHORIZE, STATUS } from '../paths.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, requireScope } from './guard.ts'
import { IdempotencyKey, idempotencyProblems, idempotent } from './idempotency.ts'
import { bodyProblems, jsonBody, jsonResponse } from './json.ts'
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
    '"Get Access Token": creates a link where a person signs in. Open `url` in a popup and poll `status_url` from the page, or read the authorization from your server; then save an email account that names its grant. Every call creates a new link. It works as long as the API key that created it does. Mailgrant sends no email.',
  request: { headers: IdempotencyKey, ...jsonBody(AuthorizationInput) },
  responses: {
    201: jsonResponse(
      'Open `url` in a popup and poll `status_url`. Both contain secrets that are returned only here.',
      AuthorizationCreated,
    ),
    ...guardProblems,
    ...idempotencyProblems,
    ...problems(
      ...bodyProblems,
      'key_limited',
      'origin_not_allowed',
      'integration_inactive',
      'integration_not_configured',
    ),
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
    ...guardProblems,
    ...problems('not_found'),
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
        expires_at: created.expiresAt.toISOString(),
      },
      201,
    )
  })
  .openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await readAuthorization(c.get('services'), callOf(c), id)), 200)
  })
