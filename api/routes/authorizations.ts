/** /v1/authorizations: "Get Access Token". */
import { z } from 'zod'
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
import { ok } from '../model/result.ts'
import { AUTHORIZE, STATUS } from '../paths.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const authorizations = createRouter()
const operation = operationsOf(authorizations, 'Authorizations')
const params = z.object({ id: AuthorizationId })

operation('post', '/authorizations', {
  scope: 'write',
  rate: 'authorizations',
  operationId: 'createAuthorization',
  summary: 'Create a sign-in link',
  description:
    '"Get Access Token": creates a link where a person signs in. Open `url` in a popup and poll `status_url` from the page, or read the authorization from your server. Then save an email account with its grant. A new link ends an open one for the same mailbox by the same API key or person. A link works as long as its creator has access. 50 can be open at a time. Webhooks receive `authorization.completed` or `authorization.failed` once the link was used, or, with an `expires_in` above 3,600, has ended unused.',
  body: AuthorizationInput,
  idempotent: { untilExpiry: true },
  status: 201,
  returns: AuthorizationCreated,
  problems: [
    'customer_name_similar',
    'customer_suspended',
    'too_many_links',
    'origin_not_allowed',
    'integration_inactive',
    'integration_not_configured',
    'protocol_not_enabled',
  ],
  run: async ({ services, call, body }) => {
    const created = await createAuthorization(services, call, body)
    if (!created.ok) return created
    const { id, linkSecret, statusSecret, loginHost, expiresAt } = created.value
    const { publicUrl } = services.settings
    return ok({
      id,
      status: 'pending' as const,
      url: `${publicUrl}${AUTHORIZE}?authorization=${id}&secret=${linkSecret}`,
      status_url: `${publicUrl}${STATUS}/${id}?secret=${statusSecret}`,
      login_host: loginHost,
      expires_at: expiresAt.toISOString(),
    })
  },
})

operation('get', '/authorizations', {
  scope: 'read',
  operationId: 'listAuthorizations',
  summary: 'List sign-ins, newest first',
  description:
    'Lists open links, and sign-ins until a day after their end. Filter by status or by mailbox. The secrets of links are not returned.',
  query: AuthorizationQuery,
  returns: AuthorizationList,
  run: async ({ services, call, query }) => ok(await listAuthorizations(services, call, query)),
})

operation('delete', '/authorizations/{id}', {
  scope: 'write',
  operationId: 'endAuthorization',
  summary: 'End a sign-in link',
  description:
    'The link stops working immediately, also for a person who is signing in at Microsoft. Returns the authorization: `failed` with `authorization_ended`, or unchanged if it had ended before. The grant of a completed sign-in stays: delete it with `DELETE /v1/grants/{id}`.',
  params,
  returns: Authorization,
  run: ({ services, call, params: { id } }) => endAuthorization(services, call, id),
})

operation('get', '/authorizations/{id}', {
  scope: 'read',
  operationId: 'getAuthorization',
  summary: 'Get the status of a sign-in and its grant',
  description:
    '`grant` is present once the sign-in is completed, `problem` once it has failed or expired. After a minute in `pending`, `hint` suggests what to check if the person has not returned from Microsoft.',
  params,
  returns: Authorization,
  run: ({ services, call, params: { id } }) => readAuthorization(services, call, id),
})
