/** Adds the webhook messages to the OpenAPI document, for their receivers. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import {
  messageName,
  WebhookHeaders,
  WebhookMessage,
  webhookMessages,
} from '../../schema/webhook-message.ts'
import type { AppEnv } from '../routes/app-env.ts'
import type { Document } from './examples.ts'

const responses = {
  '2XX': {
    description: 'Received. Any other status, or no response within 15 seconds, is retried.',
  },
  410: { description: 'Unsubscribes: the webhook is disabled.' },
}

export function registerWebhooks({ openAPIRegistry }: OpenAPIHono<AppEnv>): void {
  // A receiver's generated types need one for any message; only the log of deliveries refers to it.
  openAPIRegistry.register('WebhookMessage', WebhookMessage)
  for (const { type, title, about, schema } of webhookMessages) {
    openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      operationId: `receive${messageName(type)}`,
      tags: ['Webhooks'],
      summary: title,
      description: `\`${type}\`: \`subject\` is the id of ${about}.`,
      security: [],
      request: {
        headers: WebhookHeaders,
        body: { required: true, content: { 'application/json': { schema } } },
      },
      responses,
    })
  }
}

const PATH = '/v1/webhooks'

/** Ends the description of createWebhook with a line for each type. The Worker, which has no use for it, does not load the messages. */
export function withEventList(document: Document): Document {
  const item = document.paths?.[PATH]
  if (!item?.post) throw new Error(`no operation creates webhooks at ${PATH}`)
  const description = `${item.post.description}\n\n${eventList()}`
  const post = { ...item.post, description }
  return { ...document, paths: { ...document.paths, [PATH]: { ...item, post } } }
}

const eventList = (): string =>
  webhookMessages
    .map(({ type, title, members }) => {
      const data = members.map((name) => `\`${name}\``).join(', ')
      return `- \`${type}\`: ${title}.${data && ` ${data}.`}`
    })
    .join('\n')
