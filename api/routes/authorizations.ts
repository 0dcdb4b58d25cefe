/** /v1/authorizations: "Get Access Token". */
import { createRoute, z } from '@hono/zod-openapi'
import {
  Authorization,
  AuthorizationCreated,
  AuthorizationInput,
} from '../../schema/authorization.ts'
import { AuthorizationId } from '../../schema/common.ts'
import { createAuthorization } from '../domain/authorizations/create.ts'
import { readAuthorization } from '../domain/authorizations/read.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { IdempotencyKey, once, onceProblems } from './idempotency.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Authorizations']

const create = createRoute({
  method: 'post',
  path: '/authorizations',
  ...once(needs('write', { rate: 'authorizations' })),
  operationId: 'createAuthorization',
  tags,
  summary: 'Make a link with which a person signs in',
  description:
    '"Get Access Token": makes a link for the person who signs in. Open `url` in a popup and poll `status_url` from the page, or read the authorization from your server; then save a mail account that names its grant. Every call makes a new link, and nothing is sent to anybody.',
  request: { headers: IdempotencyKey, ...jsonBody(AuthorizationInput) },
  responses: {
    201: jsonAnswer(
      'Open `url` in a popup and poll `status_url`. Both hold secrets, shown only here.',
      AuthorizationCreated,
    ),
    ...guardProblems,
    ...onceProblems,
    ...problems(
      ...bodyCodes,
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
  ...needs('read'),
  operationId: 'getAuthorization',
  tags,
  summary: 'Read how a sign-in stands, and the grant that it made',
  description:
    '`grant` is there once completed, `problem` when it failed or expired. While pending for more than a minute, `hint` says what to check when nothing comes back. Changes nothing.',
  request: { params: z.object({ id: AuthorizationId }) },
  responses: {
    200: jsonAnswer('The authorization.', Authorization),
    ...guardProblems,
    ...problems('not_found'),
  },
})

export const authorizations = createRouter()
  .openapi(create, async (c) => {
    const created = await createAuthorization(c.get('services'), callOf(c), c.req.valid('json'))
    c.header('cache-control', 'no-store')
    return c.json(orThrow(created), 201)
  })
  .openapi(read, async (c) => {
    const authorization = await readAuthorization(
      c.get('services'),
      callOf(c),
      c.req.valid('param').id,
    )
    return c.json(orThrow(authorization), 200)
  })
