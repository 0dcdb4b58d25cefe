/** /v1/api-keys: keys besides ROOT_API_KEY. */
import { z } from 'zod'
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
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const apiKeys = createRouter()
const operation = operationsOf(apiKeys, 'API keys')
const params = z.object({ id: ApiKeyId })

operation('get', '/api-keys', {
  scope: 'admin',
  operationId: 'listApiKeys',
  summary: 'List API keys, newest first',
  description:
    'Includes revoked and expired keys, so that the actors of events can be identified. The keys themselves are never shown again.',
  query: ListQuery.extend({ customer: CustomerFilter }),
  returns: ApiKeyList,
  run: async ({ services, call, query }) => ok(await listApiKeys(services, call, query)),
})

operation('post', '/api-keys', {
  scope: 'admin',
  operationId: 'createApiKey',
  summary: 'Create an API key',
  description:
    'Only this response contains `key`. With `mail_accounts`, the key sees only these email accounts and their grants, validations and authorizations. Everything else is 404. Such a key cannot create an account, change its owner, change the tenant, mailbox or protocol of an app-only account, or delete a grant that other accounts also use (403 `key_limited`). It can start authorizations and validate forms only for its accounts, and use only grants of these accounts or of its own authorizations. With `customer`, the key sees and creates only what belongs to that customer. The IDs of others are 404, another `customer` is 403 `key_limited`, `read` lists its events, and `write` manages up to 10 of its webhooks. Such a key cannot import grants, open a console session or create an app-only account. For programs that fetch access tokens, create one key for each machine, with only `tokens`, `mail_accounts` and `expires_at`.',
  body: ApiKeyInput,
  idempotent: { shownOnce: ['key'] },
  status: 201,
  returns: ApiKeyCreated,
  problems: ['customer_name_similar', 'customer_suspended', 'precondition_failed'],
  run: ({ services, call, body }) => createApiKey(services, call, body),
})

operation('get', '/api-keys/{id}', {
  scope: 'admin',
  operationId: 'getApiKey',
  summary: 'Get an API key',
  description:
    'Returns its status, scopes and limits. The key itself is not stored. Send the `ETag` as `If-Match` when you change it.',
  params,
  returns: ApiKey,
  etag: true,
  run: ({ services, params: { id } }) => readApiKey(services, id),
})

operation('put', '/api-keys/{id}', {
  scope: 'admin',
  operationId: 'replaceApiKey',
  summary: 'Change an API key',
  description:
    'Replaces the name, the scopes, the list of email accounts, `app_only` and the expiry date. The key itself stays the same. Scopes can only be reduced, `app_only` can only be removed, and only a key that was created with a list of email accounts has one, which is then required. The change takes effect with the next request, also for earlier sign-in links, unsaved grants and stored responses. Issued access tokens work until they expire.',
  params,
  ifMatch: 'required',
  body: ApiKeyReplacement,
  returns: ApiKey,
  etag: true,
  problems: ['api_key_ended', 'precondition_required'],
  run: ({ services, call, params: { id }, body, ifMatch }) =>
    replaceApiKey(services, call, id, body, ifMatch),
})

operation('delete', '/api-keys/{id}', {
  scope: 'admin',
  operationId: 'revokeApiKey',
  summary: 'Revoke an API key',
  description:
    'Takes effect immediately: calls with this key get 401, its console sessions end, and sign-in links that it created no longer work. The key stays in the list. Idempotent.',
  params,
  status: 204,
  run: ({ services, call, params: { id } }) => revokeApiKey(services, call, id),
})
