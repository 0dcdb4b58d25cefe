/** /v1/grants: the grants that sign-ins created, or that were imported. */
import { z } from 'zod'
import { GrantId } from '../../schema/common.ts'
import { Grant, GrantDeleted, GrantInput, GrantList, GrantQuery } from '../../schema/grant.ts'
import { deleteGrant, listGrants, readGrant, retryGrant } from '../domain/grants/grants.ts'
import { importGrant } from '../domain/sign-ins/import-grant.ts'
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const grants = createRouter()
const operation = operationsOf(grants, 'Grants')
const params = z.object({ id: GrantId })

operation('get', '/grants', {
  scope: 'read',
  operationId: 'listGrants',
  summary: 'List grants, newest first',
  description:
    'Includes unsaved grants. Tokens are never returned. Filter by the address that signed in, or by status.',
  query: GrantQuery,
  returns: GrantList,
  run: async ({ services, call, query }) => ok(await listGrants(services, call, query)),
})

operation('post', '/grants', {
  scope: 'write',
  use: 'no_import',
  rate: 'authorizations',
  operationId: 'importGrant',
  summary: 'Import a refresh token of another product',
  description:
    "Moves a mailbox from another product without a new sign-in, by making its refresh token a grant. This works only with the app registration that the token was issued to. Mailgrant tries the token once, for the mail permissions of `protocols`, and Microsoft's ID token must contain `username` or `delegate`. Save an email account with the grant within an hour. If the import is refused, nothing is stored, and the same token can be imported again. The other product keeps working.",
  body: GrantInput,
  idempotent: {},
  status: 201,
  returns: Grant,
  problems: [
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
  ],
  run: ({ services, call, body }) => importGrant(services, call, body),
})

operation('get', '/grants/{id}', {
  scope: 'read',
  operationId: 'getGrant',
  summary: 'Get a grant',
  description:
    'Returns the status of the grant and, if it does not work, the reason and who must act. Tokens are never returned.',
  params,
  returns: Grant,
  run: ({ services, call, params: { id } }) => readGrant(services, call, id),
})

operation('post', '/grants/{id}/retry', {
  scope: 'write',
  operationId: 'retryGrant',
  summary: 'Ask Microsoft again',
  description:
    'Refreshes the grant now instead of at `retry_at`, and returns it with its new status. A `reconnect_required` grant works again without a sign-in if Microsoft accepts its stored token, for example because the account was enabled again. A refusal deletes nothing. Mailgrant refreshes a grant at most once a minute. Until then, the response is 429 `rate_limited`. If Microsoft gives no verdict, a grant that was refused before keeps its status, and the response is 503 `provider_unavailable` or 409 `credential_rejected`. An `active` one becomes `cooling_down`. For app-only access, validate the email account.',
  params,
  returns: Grant,
  problems: [
    'integration_inactive',
    'reconnect_required',
    'credential_rejected',
    'provider_unavailable',
  ],
  run: ({ services, call, params: { id } }) => retryGrant(services, call, id),
})

operation('delete', '/grants/{id}', {
  scope: 'write',
  operationId: 'deleteGrant',
  summary: 'Delete a grant and wipe its tokens',
  description:
    'Wipes the stored tokens immediately. A grant that email accounts use is 409 `grant_in_use` unless `detach=true`; those accounts must then be reconnected. Access tokens that were already issued stay valid until they expire, since Microsoft offers no way to revoke them.',
  params,
  query: z.object({
    detach: z.enum(['true', 'false']).default('false').meta({
      description: 'Delete the grant even if email accounts use it. They must be reconnected.',
    }),
  }),
  returns: GrantDeleted,
  problems: ['grant_in_use'],
  run: ({ services, call, params: { id }, query: { detach } }) =>
    deleteGrant(services, call, id, detach === 'true'),
})
