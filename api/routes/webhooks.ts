/** /v1/webhooks: endpoints that are notified of state changes. */
import { z } from 'zod'
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
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

export const webhooks = createRouter()
const operation = operationsOf(webhooks, 'Webhooks')
const params = z.object({ id: WebhookId })
const access = { scope: 'admin', customerScope: 'write' } as const

operation('get', '/webhooks', {
  ...access,
  operationId: 'listWebhooks',
  summary: 'List webhooks, newest first',
  description:
    'Returns each webhook with its event types, and whether it is enabled or paused. Secrets, and the URLs of `slack` and `teams`, are never shown again.',
  query: ListQuery.extend({ customer: CustomerFilter }),
  returns: WebhookList,
  run: async ({ services, call, query }) => ok(await listWebhooks(services, call, query)),
})

operation('post', '/webhooks', {
  ...access,
  operationId: 'createWebhook',
  summary: 'Create a webhook',
  description: `Requires the scope \`admin\`, or \`write\` with a customer's key. Messages follow Standard Webhooks. Verify their signature with \`secret\`, which is returned only in this response, as the guide [Webhooks](/docs/guides/webhooks) shows. It also has retries and pauses. The schemas of the messages are under \`webhooks\` in this document.\n\nThe types \`slack\`, \`teams\` and \`email\` send messages for people instead, as the guide [Alerts](/docs/guides/alerts) shows: the mailbox, the cause, who must act, and a link to the mailbox in the console, never a sign-in link. They send at most one message a minute, which combines events. 404 disables \`slack\` and \`teams\`, too. Messages by \`email\` go through an account that sends, and are never about that account itself, nor, if it uses OAuth, about a client secret, certificate or app that Microsoft rejects, as \`warnings\` says. One that Microsoft Graph may have sent is not repeated.`,
  body: WebhookInput,
  idempotent: { shownOnce: ['secret'] },
  status: 201,
  returns: WebhookWithSecret,
  problems: ['too_many_webhooks', 'customer_name_similar', 'customer_suspended'],
  run: ({ services, call, body }) => createWebhook(services, call, body),
})

operation('get', '/webhooks/{id}', {
  ...access,
  operationId: 'getWebhook',
  summary: 'Get a webhook',
  description:
    'Returns its event types, and whether it is enabled or paused. The secret is never shown again.',
  params,
  returns: Webhook,
  etag: true,
  run: ({ services, call, params: { id } }) => readWebhook(services, call, id),
})

operation('put', '/webhooks/{id}', {
  ...access,
  operationId: 'replaceWebhook',
  summary: 'Replace a webhook',
  description:
    'Replaces URL, recipient, account, description, events and `enabled`. The type and the secret are kept, and so is the URL of `slack` and `teams` if it is omitted. Pending messages are sent to the new URL. A new URL or account, or a change of `enabled`, ends a pause.',
  params,
  ifMatch: 'optional',
  body: WebhookReplacement,
  returns: Webhook,
  etag: true,
  run: ({ services, call, params: { id }, body, ifMatch }) =>
    replaceWebhook(services, call, id, body, ifMatch),
})

operation('delete', '/webhooks/{id}', {
  ...access,
  operationId: 'deleteWebhook',
  summary: 'Delete a webhook and its delivery log',
  description: 'Pending messages are discarded.',
  params,
  ifMatch: 'optional',
  status: 204,
  run: ({ services, call, params: { id }, ifMatch }) => deleteWebhook(services, call, id, ifMatch),
})

operation('post', '/webhooks/{id}/rotate-secret', {
  ...access,
  operationId: 'rotateWebhookSecret',
  summary: 'Rotate the signing secret',
  description:
    'Only this response contains the new secret. For 24 hours, every message has two signatures, one per secret, so that the receiver can switch without rejecting a message. Only for webhooks of the type `standard`. If you rotate twice within 24 hours, only the latest two secrets are used. Send an `Idempotency-Key` so that a retry after a lost response does not rotate again.',
  params,
  idempotent: { shownOnce: ['secret'] },
  returns: WebhookWithSecret,
  problems: ['precondition_failed'],
  run: ({ services, call, params: { id } }) => rotateWebhookSecret(services, call, id),
})

operation('post', '/webhooks/{id}/test', {
  ...access,
  operationId: 'testWebhook',
  summary: 'Send a test message',
  description:
    'Sends a message of type `webhook.test`, ahead of pending messages. See the list of deliveries for the outcome. While the endpoint has asked for a pause with `Retry-After`, it is not sent. To `slack`, `teams` and `email` it is sent a minute after the last message.',
  params,
  status: 202,
  returns: WebhookDelivery,
  run: ({ services, call, params: { id } }) => testWebhook(services, call, id),
})

operation('get', '/webhooks/{id}/deliveries', {
  ...access,
  operationId: 'listWebhookDeliveries',
  summary: 'List the deliveries of a webhook, newest first',
  description: 'Deliveries are kept for 30 days.',
  params,
  query: WebhookDeliveryQuery,
  returns: WebhookDeliveryList,
  run: ({ services, call, params: { id }, query }) => listDeliveries(services, call, id, query),
})

operation('post', '/webhooks/{id}/deliveries/{delivery_id}/redeliver', {
  ...access,
  operationId: 'redeliverWebhook',
  summary: 'Redeliver a message',
  description:
    'Sends the message again with the same id and body, whatever its status, ahead of pending messages. The attempt count starts again from zero. While the endpoint has asked for a pause with `Retry-After`, it is not sent.',
  params: params.extend({ delivery_id: DeliveryId.meta({ description: 'Id of the delivery.' }) }),
  status: 202,
  returns: WebhookDelivery,
  run: ({ services, call, params: { id, delivery_id } }) =>
    redeliver(services, call, id, delivery_id),
})
