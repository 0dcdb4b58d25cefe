/** /v1/grants: the grants that sign-ins created, or that were imported. */
import { createRoute, z } from '@hono/zod-openapi'
import { GrantId } from '../../schema/common.ts'
import { Grant, GrantDeleted, GrantInput, GrantList, GrantQuery } from '../../schema/grant.ts'
import { deleteGrant, listGrants, readGrant, retryGrant } from '../domain/grants/grants.ts'
import { importGrant } from '../domain/sign-ins/import-grant.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse, withoutFields } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Grants']
const params = z.object({ id: GrantId })

const list = createRoute({
  method: 'get',
  path: '/grants',
  ...requireScope('read'),
  operationId: 'listGrants',
  tags,
  summary: 'List grants, newest first',
  description:
    'Includes unsaved grants. Tokens are never returned. Filter by the address that signed in, or by status.',
  request: { query: GrantQuery },
  responses: {
    200: jsonResponse('A page of grants.', GrantList),
  },
})

const create = createRoute({
  method: 'post',
  path: '/grants',
  ...idempotent(requireScope('write', { use: 'no_import', rate: 'authorizations' })),
  operationId: 'importGrant',
  tags,
  summary: 'Import a refresh token of another product',
  description:
    'Moves a mailbox from another product without a new sign-in: the refresh token that the other product holds becomes a grant. It works only with the app registration that the token was issued to. Microsoft is asked once, for the mail permissions of `protocols`, and its ID token must contain `username` or `delegate`. The grant is `unsaved`, so save an email account with it within the hour. If the import is refused, nothing is stored, and the same token can be imported again. The other product keeps working.',
  request: { headers: IdempotencyKey, ...jsonBody(GrantInput) },
  responses: {
    201: jsonResponse('The unsaved grant, without its tokens.', Grant),
    ...problems(
      'customer_name_similar',
      'customer_suspended',
      'integration_inactive',
      'integration_not_configured',
      'refresh_token_refused',
      'identity_unknown',
      'account_mismatch',
      'protocol_not_granted',
      'protocol_not_enabled',
      'credential_rejected',
      'provider_unavailable',
      'precondition_failed',
    ),
  },
})

const get = createRoute({
  method: 'get',
  path: '/grants/{id}',
  ...requireScope('read'),
  operationId: 'getGrant',
  tags,
  summary: 'Get a grant',
  description:
    'Returns the status of the grant and, if it does not work, the reason and who must act. Tokens are never returned.',
  request: { params },
  responses: {
    200: jsonResponse('The grant, without its tokens.', Grant),
  },
})

const retry = createRoute({
  method: 'post',
  path: '/grants/{id}/retry',
  ...withoutFields(requireScope('write')),
  operationId: 'retryGrant',
  tags,
  summary: 'Ask Microsoft again',
  description:
    'Refreshes the grant now instead of at `retry_at`, and returns it with the status that follows. Works in every status: a grant that is `reconnect_required` works again without a sign-in if Microsoft accepts its stored token, for example because the account was enabled again. A refusal deletes nothing. Mailgrant asks Microsoft at most once a minute about a grant, by this call or any other: 429 `rate_limited` until then. If Microsoft gives no verdict, a grant that was refused before keeps its status, and the response is 503 `provider_unavailable` or 409 `credential_rejected`; an `active` one becomes `cooling_down`. For app-only access, validate the email account.',
  request: { params },
  responses: {
    200: jsonResponse('The grant with its new status.', Grant),
    ...problems(
      'integration_inactive',
      'reconnect_required',
      'credential_rejected',
      'provider_unavailable',
    ),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/grants/{id}',
  ...requireScope('write'),
  operationId: 'deleteGrant',
  tags,
  summary: 'Delete a grant and wipe its tokens',
  description:
    'Wipes the stored tokens immediately. A grant that email accounts use is 409 `grant_in_use` unless `detach=true`; those accounts must then be reconnected. Access tokens that were already issued stay valid until they expire, since Microsoft offers no way to revoke them.',
  request: {
    params,
    query: z.object({
      detach: z.enum(['true', 'false']).default('false').meta({
        description: 'Delete the grant even if email accounts use it. They must be reconnected.',
      }),
    }),
  },
  responses: {
    200: jsonResponse('Deleted.', GrantDeleted),
    ...problems('grant_in_use'),
  },
})

export const grants = createRouter()
  .openapi(list, async (c) =>
    c.json(await listGrants(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) =>
    c.json(unwrap(await importGrant(c.get('services'), callOf(c), c.req.valid('json'))), 201),
  )
  .openapi(get, async (c) =>
    c.json(unwrap(await readGrant(c.get('services'), callOf(c), c.req.valid('param').id)), 200),
  )
  .openapi(retry, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await retryGrant(c.get('services'), callOf(c), id)), 200)
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    const detach = c.req.valid('query').detach === 'true'
    return c.json(unwrap(await deleteGrant(c.get('services'), callOf(c), id, detach)), 200)
  })
