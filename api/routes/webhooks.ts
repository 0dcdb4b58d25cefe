/** /v1/webhooks: endpoints that are told when a state changes. */
import { createRoute, z } from '@hono/zod-openapi'
import { DeliveryId, ListQuery, WebhookId } from '../../schema/common.ts'
import {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookDeliveryQuery,
  WebhookInput,
  WebhookList,
  WebhookWithSecret,
} from '../../schema/webhook.ts'
import { webhookMessages } from '../../schema/webhook-message.ts'
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
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { guardProblems, needs } from './guard.ts'
import { IdempotencyKey, once, onceProblems } from './idempotency.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Webhooks']
const params = z.object({ id: WebhookId })
const withEtag = { ...jsonAnswer('The webhook.', Webhook), headers: etagHeader }
const noStore = { 'cache-control': 'no-store' }

const told = webhookMessages
  .map(({ type, summary, members }) => {
    const data = members.map((name) => `\`${name}\``).join(', ')
    return `- \`${type}\`: ${summary}.${data && ` ${data}.`}`
  })
  .join('\n')

const list = createRoute({
  method: 'get',
  path: '/webhooks',
  ...needs('admin'),
  operationId: 'listWebhooks',
  tags,
  summary: 'List the webhooks, newest first',
  description:
    'With what each is told and whether it is switched on. Their secrets are never shown again.',
  request: { query: ListQuery },
  responses: {
    200: jsonAnswer('A page of webhooks.', WebhookList),
    ...guardProblems,
    ...problems('validation_failed'),
  },
})

const create = createRoute({
  method: 'post',
  path: '/webhooks',
  ...once(needs('admin'), ['secret']),
  operationId: 'createWebhook',
  tags,
  summary: 'Register an endpoint to be told of changes',
  description: `Messages follow Standard Webhooks: \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\` over \`id.timestamp.body\`, checked with \`secret\`, which is shown only in this answer. A message is tried for three days, or as \`Retry-After\` asks, until it is answered with a status from 200 to 299; 410 switches the webhook off, and nothing more is sent to it. It may come more than once, with one id, and in any order.\n\nThe body is \`{"type", "timestamp", "data"}\`, and \`data\` has \`event_id\`, \`subject\` (the id of what it is about), \`mail_accounts\`, and by type (the schema of each is in \`webhooks\` of this document):\n\n${told}`,
  request: { headers: IdempotencyKey, ...jsonBody(WebhookInput) },
  responses: {
    201: jsonAnswer('The webhook. Keep `secret` now.', WebhookWithSecret),
    ...guardProblems,
    ...onceProblems,
    ...problems(...bodyCodes),
  },
})

const get = createRoute({
  method: 'get',
  path: '/webhooks/{id}',
  ...needs('admin'),
  operationId: 'getWebhook',
  tags,
  summary: 'Read a webhook',
  description: 'What it is told and whether it is switched on. Its secret is never shown again.',
  request: { params },
  responses: {
    200: withEtag,
    ...guardProblems,
    ...problems('not_found'),
  },
})

const replace = createRoute({
  method: 'put',
  path: '/webhooks/{id}',
  ...needs('admin'),
  operationId: 'replaceWebhook',
  tags,
  summary: 'Replace address, events or switch of a webhook',
  description: 'The secret stays. Messages that wait go to the new address.',
  request: { params, headers: IfMatch, ...jsonBody(WebhookInput) },
  responses: {
    200: withEtag,
    ...guardProblems,
    ...problems('not_found', 'precondition_failed', ...bodyCodes),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/webhooks/{id}',
  ...needs('admin'),
  operationId: 'deleteWebhook',
  tags,
  summary: 'Delete a webhook and its log',
  description: 'What waits to be sent is dropped.',
  request: { params, headers: IfMatch },
  responses: {
    204: { description: 'It is gone.' },
    ...guardProblems,
    ...problems('not_found', 'precondition_failed'),
  },
})

const rotate = createRoute({
  method: 'post',
  path: '/webhooks/{id}/rotate-secret',
  ...once(needs('admin'), ['secret']),
  operationId: 'rotateWebhookSecret',
  tags,
  summary: 'Make a new secret',
  description:
    'Shown only in this answer. For 24 hours every message carries two signatures, one by each secret, so that the receiver can change over without losing one. Twice within 24 hours only the last two secrets sign: with an `Idempotency-Key` a request that is repeated because its answer was lost makes no second one.',
  request: { params, headers: IdempotencyKey },
  responses: {
    200: jsonAnswer('The webhook. Keep `secret` now.', WebhookWithSecret),
    ...guardProblems,
    ...onceProblems,
    ...problems('not_found', 'precondition_failed', 'key_missing', 'validation_failed'),
  },
})

const test = createRoute({
  method: 'post',
  path: '/webhooks/{id}/test',
  ...needs('admin'),
  operationId: 'testWebhook',
  tags,
  summary: 'Send a test message',
  description: 'Of the type `webhook.test`. Read in the list of deliveries how it went.',
  request: { params },
  responses: {
    202: jsonAnswer('The message, on its way.', WebhookDelivery),
    ...guardProblems,
    ...problems('not_found'),
  },
})

const deliveries = createRoute({
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  ...needs('admin'),
  operationId: 'listWebhookDeliveries',
  tags,
  summary: 'List the messages of a webhook and how they went',
  description: 'Newest first, kept for 30 days.',
  request: { params, query: WebhookDeliveryQuery },
  responses: {
    200: jsonAnswer('A page of deliveries.', WebhookDeliveryList),
    ...guardProblems,
    ...problems('not_found', 'validation_failed'),
  },
})

const again = createRoute({
  method: 'post',
  path: '/webhooks/{id}/deliveries/{delivery_id}/redeliver',
  ...needs('admin'),
  operationId: 'redeliverWebhook',
  tags,
  summary: 'Send a message again',
  description: 'With the same id and body, whatever became of it; its attempts are counted anew.',
  request: {
    params: params.extend({ delivery_id: DeliveryId.meta({ description: 'Id of the delivery.' }) }),
  },
  responses: {
    202: jsonAnswer('The message, on its way.', WebhookDelivery),
    ...guardProblems,
    ...problems('not_found'),
  },
})

export const webhooks = createRouter()
  .openapi(list, async (c) =>
    c.json(await listWebhooks(c.get('services'), c.req.valid('query')), 200),
  )
  .openapi(create, async (c) => {
    const made = await createWebhook(c.get('services'), callOf(c), c.req.valid('json'))
    return c.json(orThrow(made), 201, noStore)
  })
  .openapi(get, async (c) => {
    const found = orThrow(await readWebhook(c.get('services'), c.req.valid('param').id))
    return c.json(found.value, 200, { etag: etag(found.version) })
  })
  .openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    const body = c.req.valid('json')
    const saved = orThrow(await replaceWebhook(c.get('services'), callOf(c), id, body, ifMatch))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param')
    const ifMatch = ifMatchVersion(c.req.valid('header')['if-match'])
    orThrow(await deleteWebhook(c.get('services'), callOf(c), id, ifMatch))
    return c.body(null, 204)
  })
  .openapi(rotate, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(
      orThrow(await rotateWebhookSecret(c.get('services'), callOf(c), id)),
      200,
      noStore,
    )
  })
  .openapi(test, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(orThrow(await testWebhook(c.get('services'), callOf(c), id)), 202)
  })
  .openapi(deliveries, async (c) => {
    const { id } = c.req.valid('param')
    const page = await listDeliveries(c.get('services'), id, c.req.valid('query'))
    return c.json(orThrow(page), 200)
  })
  .openapi(again, async (c) => {
    const { id, delivery_id: delivery } = c.req.valid('param')
    const sent = await redeliver(c.get('services'), callOf(c), id, delivery)
    return c.json(orThrow(sent), 202)
  })
