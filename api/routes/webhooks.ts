/** /v1/webhooks: endpoints that are notified of state changes. */

import { createRoute, z } from '@hono/zod-openapi'
import { DeliveryId, ListQuery, WebhookId } from '../../schema/common.ts'
import { CustomerFilter } from '../../schema/customer.ts'
import {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookDeliveryQuery,
  WebhookInput,
  WebhookList,
  WebhookReplacement,
  WebhookWithSecret,
} from '../../schema/webhook.ts'
import {
  createWebhook,
  deleteWebhook,
  listDeliveries,
  listWebhooks,
  readWebhook,
  redeliver,
  replaceWebhook,
  rotateWebhookSecret,
  testWebhook,
} from '../domain/webhooks/webhooks.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse, withoutFields } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Webhooks']
const params = z.object({ id: WebhookId })
const withEtag = { ...jsonResponse('The webhook.', Webhook), headers: etagHeader }
const noStore = { 'cache-control': 'no-store' }

const list = createRoute({
  method: 'get',
  path: '/webhooks',
  ...requireScope('admin', { customerScope: 'write' }),
  operationId: 'listWebhooks',
  tags,
  summary: 'List webhooks, newest first',
  description:
    'Returns each webhook with its event types, and whether it is enabled or paused. Secrets, and the URLs of `slack` and `teams`, are never shown again.',
  request: { query: ListQuery.extend({ customer: CustomerFilter }) },
  responses: {
    200: jsonResponse('A page of webhooks.', WebhookList),
  },
})

const create = createRoute({
  method: 'post',
  path: '/webhooks',
  ...idempotent(requireScope('admin', { customerScope: 'write' }), { shownOnce: ['secret'] }),
  operationId: 'createWebhook',
  tags,
  summary: 'Create a webhook',
  description: `Requires the scope \`admin\`, or \`write\` with a customer's key. Messages follow Standard Webhooks. Verify their signature with \`secret\`, which is returned only in this response, as the guide [Webhooks](/docs/guides/webhooks) shows. It also has retries and pauses. The schemas of the messages are under \`webhooks\` in this document.\n\nThe types \`slack\`, \`teams\` and \`email\` send messages for people instead, as the guide [Alerts](/docs/guides/alerts) shows: the mailbox, the cause, who must act, and a link to the mailbox in the console, never a sign-in link. They send at most one message a minute, which combines events. 404 disables \`slack\` and \`teams\`, too. Messages by \`email\` go through an account that sends, and are never about that account itself, nor, if it uses OAuth, about a client secret, certificate or app that Microsoft rejects, as \`warnings\` says. One that Microsoft Graph may have sent is not repeated.`,
  request: { headers: IdempotencyKey, ...jsonBody(WebhookInput) },
  responses: {
    201: jsonResponse('The webhook. Store `secret` now: it is not shown again.', WebhookWithSecret),
    ...problems('too_many_webhooks', 'customer_name_similar', 'customer_suspended'),
  },
})

const get = createRoute({
  method: 'get',
  path: '/webhooks/{id}',
  ...requireScope('admin', { customerScope: 'write' }),
  operationId: 'getWebhook',
  tags,
  summary: 'Get a webhook',
  description:
    'Returns its event types, and whether it is enabled or paused. The secret is never shown again.',
  request: { params },
  responses: {
    200: withEtag,
  },
})

const replace = createRoute({
  method: 'put',
  path: '/webhooks/{id}',
  ...requireScope('admin', { customerScope: 'write' }),
  operationId: 'replaceWebhook',
  tags,
  summary: 'Replace a webhook',
  description:
    'Replaces URL, recipient, account, description, events and `enabled`. The type and the secret are kept, and so is the URL of `slack` and `teams` if it is omitted. Pending messages are sent to the new URL. A new URL or account, or a change of `enabled`, ends a pause.',
  request: { params, headers: IfMatch, ...jsonBody(WebhookReplacement) },
  responses: {
    200: withEtag,
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/webhooks/{id}',
  ...requireScope('admin', { customerScope: 'write' }),
  operationId: 'deleteWebhook',
  tags,
  summary: 'Delete a webhook and its delivery log',
  description: 'Pending messages are discarded.',
  request: { params, headers: IfMatch },
  responses: {
    204: { description: 'Deleted.' },
  },
})

const rotate = createRoute({
  method: 'post',
  path: '/webhooks/{id}/rotate-secret',
  ...idempotent(withoutFields(requireScope('admin', { customerScope: 'write' })), {
    shownOnce: ['secret'],
  }),
  operationId: 'rotateWebhookSecret',
  tags,
  summary: 'Rotate the signing secret',
  description:
    'The new secret is returned only in this response. For 24 hours every message carries two signatures, one per secret, so that the receiver can switch without rejecting a message. For webhooks of the type `standard` only. If you rotate twice within 24 hours, only the latest two secrets are used. Send an `Idempotency-Key` so that a retry after a lost response does not rotate again.',
  request: { params, headers: IdempotencyKey },
  responses: {
    200: jsonResponse('The webhook. Store `secret` now: it is not shown again.', WebhookWithSecret),
    ...problems('precondition_failed'),
  },
})

const test = createRoute({
  method: 'post',
  path: '/webhooks/{id}/test',
  ...withoutFields(requireScope('admin', { customerScope: 'write' })),
  operationId: 'testWebhook',
  tags,
  summary: 'Send a test message',
  description:
    'Sends a message of type `webhook.test`, ahead of pending messages. See the list of deliveries for the outcome. While the endpoint has asked for a pause with `Retry-After`, it is not sent. To `slack`, `teams` and `email` it is sent a minute after the last message.',
  request: { params },
  responses: {
    202: jsonResponse('The message, queued for delivery.', WebhookDelivery),
  },
})

const deliveries = createRoute({
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  ...requireScope('admin', { customerScope: 'write' }),
  operationId: 'listWebhookDeliveries',
  tags,
  summary: 'List the deliveries of a webhook, newest first',
  description: 'Deliveries are kept for 30 days.',
  request: { params, query: WebhookDeliveryQuery },
  responses: {
    200: jsonResponse('A page of deliveries.', WebhookDeliveryList),
  },
})

const again = createRoute({
  method: 'post',
  path: '/webhooks/{id}/deliveries/{delivery_id}/redeliver',
  ...withoutFields(requireScope('admin', { customerScope: 'write' })),
  operationId: 'redeliverWebhook',
  tags,
  summary: 'Redeliver a message',
  description:
    'Sends the message again with the same id and body, whatever its status, ahead of pending messages. The attempt count starts again from zero. While the endpoint has asked for a pause with `Retry-After`, it is not sent.',
  request: {
    params: params.extend({ delivery_id: DeliveryId.meta({ description: 'Id of the delivery.' }) }),
  },
  responses: {
    202: jsonResponse('The message, queued for delivery.', WebhookDelivery),
  },
})

export const webhooks = createRouter()
  .openapi(list, async (c) =>
    c.json(await listWebhooks(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) =>
    c.json(
      unwrap(await createWebhook(c.get('services'), callOf(c), c.req.valid('json'))),
      201,
      noStore,
    ),
  )
  .openapi(get, async (c) => {
    const found = unwrap(await readWebhook(c.get('services'), callOf(c), c.req.valid('param').id))
    return c.json(found.value, 200, { etag: etag(found.version) })
  })
  .openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    const input = c.req.valid('json')
    const saved = unwrap(await replaceWebhook(c.get('services'), callOf(c), id, input, ifMatch))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    unwrap(await deleteWebhook(c.get('services'), callOf(c), id, ifMatch))
    return c.body(null, 204)
  })
  .openapi(rotate, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await rotateWebhookSecret(c.get('services'), callOf(c), id)), 200, noStore)
  })
  .openapi(test, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(unwrap(await testWebhook(c.get('services'), callOf(c), id)), 202)
  })
  .openapi(deliveries, async (c) => {
    const { id } = c.req.valid('param')
    const page = await listDeliveries(c.get('services'), callOf(c), id, c.req.valid('query'))
    return c.json(unwrap(page), 200)
  })
  .openapi(again, async (c) => {
    const { id, delivery_id: delivery } = c.req.valid('param')
    return c.json(unwrap(await redeliver(c.get('services'), callOf(c), id, delivery)), 202)
  })
