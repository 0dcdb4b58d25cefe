/** /v1/api-keys: keys besides ROOT_API_KEY. */

import { createRoute, z } from '@hono/zod-openapi'
import {
  ApiKey,
  ApiKeyCreated,
  ApiKeyInput,
  ApiKeyList,
  ApiKeyReplacement,
} from '../../schema/api-key.ts'
import { ApiKeyId, ListQuery } from '../../schema/common.ts'
import { CustomerFilter } from '../../schema/customer.ts'
import {
  createApiKey,
  listApiKeys,
  readApiKey,
  replaceApiKey,
  revokeApiKey,
} from '../domain/access/keys.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, etagHeader, ifMatchVersion, RequiredIfMatch } from './etag.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['API keys']
const params = z.object({ id: ApiKeyId })
const withEtag = (description: string) => ({
  ...jsonResponse(description, ApiKey),
  headers: etagHeader,
})

const list = createRoute({
  method: 'get',
  path: '/api-keys',
  ...requireScope('admin'),
  operationId: 'listApiKeys',
  tags,
  summary: 'List API keys, newest first',
  description:
    'Includes revoked and expired keys, so that the actors of events can be identified. The keys themselves are never shown again.',
  request: { query: ListQuery.extend({ customer: CustomerFilter }) },
  responses: {
    200: jsonResponse('A page of API keys.', ApiKeyList),
  },
})

const create = createRoute({
  method: 'post',
  path: '/api-keys',
  ...idempotent(requireScope('admin'), { shownOnce: ['key'] }),
  operationId: 'createApiKey',
  tags,
  summary: 'Create an API key',
  description:
    '`key` is returned in this response only. With `mail_accounts`, the key sees only these email accounts and their grants, validations and authorizations. Everything else is 404. A limited key cannot create an account, change its owner, change the tenant, mailbox or protocol of an app-only account, or delete a grant that other accounts also use (403 `key_limited`). It can start authorizations and validate forms only for its own accounts, and can use only grants that these accounts use or that its own authorizations created. With `customer`, the key sees and makes only what belongs to that customer: the IDs of others are 404, using another customer is 403 `key_limited`, `read` lists its events, and `write` manages up to 10 of its webhooks. Such a key imports nothing, opens no console session and creates no app-only account. For programs that fetch access tokens, create one key for each machine, with `tokens` alone, `mail_accounts` and `expires_at`.',
  request: { headers: IdempotencyKey, ...jsonBody(ApiKeyInput) },
  responses: {
    201: jsonResponse('The API key. Store `key` now: it is not shown again.', ApiKeyCreated),
    ...problems('customer_name_similar', 'customer_suspended', 'precondition_failed'),
  },
})

const get = createRoute({
  method: 'get',
  path: '/api-keys/{id}',
  ...requireScope('admin'),
  operationId: 'getApiKey',
  tags,
  summary: 'Get an API key',
  description:
    'Returns its status, scopes and limits. The key itself is not stored. Send the `ETag` as `If-Match` when you change it.',
  request: { params },
  responses: {
    200: withEtag('The API key, without its secret.'),
  },
})

const replace = createRoute({
  method: 'put',
  path: '/api-keys/{id}',
  ...requireScope('admin'),
  operationId: 'replaceApiKey',
  tags,
  summary: 'Change an API key',
  description:
    'Replaces the name, the scopes, the list of email accounts, `app_only` and the expiry date. The key itself stays the same. Scopes can only be reduced, `app_only` can only be taken away, and a key gets a list of email accounts only when it is created. The change counts from the next request on, also for what the key made before, such as sign-in links, unsaved grants and stored responses to an `Idempotency-Key`. Access tokens that were issued work until they expire.',
  request: { params, headers: RequiredIfMatch, ...jsonBody(ApiKeyReplacement) },
  responses: {
    200: withEtag('Changed.'),
    ...problems('api_key_ended', 'precondition_required'),
  },
})

const revoke = createRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  ...requireScope('admin'),
  operationId: 'revokeApiKey',
  tags,
  summary: 'Revoke an API key',
  description:
    'Takes effect immediately: calls with this key get 401, its console sessions end, and sign-in links that it created no longer work. The key stays in the list. Idempotent.',
  request: { params },
  responses: {
    204: { description: 'Revoked.' },
  },
})

export const apiKeys = createRouter()
  .openapi(list, async (c) =>
    c.json(await listApiKeys(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) => {
    const created = await createApiKey(c.get('services'), callOf(c), c.req.valid('json'))
    return c.json(unwrap(created), 201, { 'cache-control': 'no-store' })
  })
  .openapi(get, async (c) => {
    const found = unwrap(await readApiKey(c.get('services'), c.req.valid('param').id))
    return c.json(found.value, 200, { etag: etag(found.version) })
  })
  .openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    const input = c.req.valid('json')
    const saved = unwrap(await replaceApiKey(c.get('services'), callOf(c), id, input, ifMatch))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(revoke, async (c) => {
    unwrap(await revokeApiKey(c.get('services'), callOf(c), c.req.valid('param').id))
    return c.body(null, 204)
  })
