/** Adds the webhook messages to the OpenAPI document, for their receivers. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { WebhookHeaders, webhookMessages } from '../../schema/webhook-message.ts'
import type { AppEnv } from '../routes/app-env.ts'

const responses = {
  '2XX': {
    description: 'Received. Any other status, or no response within 15 seconds, is retried.',
  },
  410: { description: 'Unsubscribes: the webhook is disabled.' },
}

const pascal = (type: string) =>
  type.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())

export function registerWebhooks({ openAPIRegistry }: OpenAPIHono<AppEnv>): void {
  for (const { type, summary, about, schema } of webhookMessages) {
    openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      operationId: `receive${pascal(type)}`,
      tags: ['Webhooks'],
      summary,
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
