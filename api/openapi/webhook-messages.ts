/** The messages to webhooks as part of the OpenAPI document, for whoever receives them. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { WebhookHeaders, webhookMessages } from '../../schema/webhook-message.ts'
import type { AppEnv } from '../routes/app-env.ts'

const responses = {
  '2XX': { description: 'Taken. Any other answer, and none within 15 s, is tried again.' },
  410: { description: 'No more, please: the webhook is switched off.' },
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
