/** /v1/api-keys: keys besides ROOT_API_KEY. */
import { createRoute, z } from '@hono/zod-openapi'
import { ApiKey, ApiKeyCreated, ApiKeyInput, ApiKeyList } from '../../schema/api-key.ts'
import { ApiKeyId, ListQuery } from '../../schema/common.ts'
import { createApiKey, listApiKeys, readApiKey, revokeApiKey } from '../domain/api-keys/keys.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { IdempotencyKey, once, onceProblems } from './idempotency.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['API keys']
const params = z.object({ id: ApiKeyId })

const list = createRoute({
  method: 'get',
  path: '/api-keys',
  ...needs('admin'),
  operationId: 'listApiKeys',
  tags,
  summary: 'List API keys, newest first',
  description:
    'Revoked and expired ones too, so that events can be told whose they are. No key is shown again.',
  request: { query: ListQuery },
  responses: {
    200: jsonAnswer('A page of API keys.', ApiKeyList),
    ...guardProblems,
    ...problems('validation_failed'),
  },
})

const create = createRoute({
  method: 'post',
  path: '/api-keys',
  ...once(needs('admin'), ['key']),
  operationId: 'createApiKey',
  tags,
  summary: 'Make an API key',
  description:
    '`key` is shown in this answer and never again: only a hash of it is stored. With `mail_accounts` the key sees these accounts with their grants, validations and authorizations and nothing else of that kind (404, and lists are filtered). It creates no account, gives none another owner, gives an app-only one no other tenant or mailbox, and deletes no grant that other accounts use too (403 `key_limited`). It starts authorizations and validates forms for one of them only, and may name a grant only that is on one of them or that an authorization of its own has made.',
  request: { headers: IdempotencyKey, ...jsonBody(ApiKeyInput) },
  responses: {
    201: jsonAnswer('The key. Keep `key` now.', ApiKeyCreated),
    ...guardProblems,
    ...onceProblems,
    ...problems(...bodyCodes),
  },
})

const get = createRoute({
  method: 'get',
  path: '/api-keys/{id}',
  ...needs('admin'),
  operationId: 'getApiKey',
  tags,
  summary: 'Read what an API key may do, and whether it still may',
  description: 'Without the key itself, which is not stored.',
  request: { params },
  responses: {
    200: jsonAnswer('The API key, without its secret.', ApiKey),
    ...guardProblems,
    ...problems('not_found'),
  },
})

const revoke = createRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  ...needs('admin'),
  operationId: 'revokeApiKey',
  tags,
  summary: 'Revoke an API key at once',
  description:
    'From then on it is answered 401 like an unknown one, and console sessions that it has opened have ended. It stays in the list. May be repeated.',
  request: { params },
  responses: {
    204: { description: 'It is revoked.' },
    ...guardProblems,
    ...problems('not_found'),
  },
})

export const apiKeys = createRouter()
  .openapi(list, async (c) =>
    c.json(await listApiKeys(c.get('services'), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) => {
    const created = await createApiKey(c.get('services'), callOf(c), c.req.valid('json'))
    return c.json(orThrow(created), 201, { 'cache-control': 'no-store' })
  })
  .openapi(get, async (c) =>
    c.json(orThrow(await readApiKey(c.get('services'), c.req.valid('param').id)), 200),
  )
  .openapi(revoke, async (c) => {
    orThrow(await revokeApiKey(c.get('services'), callOf(c), c.req.valid('param').id))
    return c.body(null, 204)
  })
