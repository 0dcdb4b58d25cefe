/** The messages to webhooks as part of the OpenAPI document, for whoever receives them. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { webhookMessages } from '../../schema/webhook-message.ts'
import type { AppEnv } from '../routes/app-env.ts'

const headers = z.object({
  'webhook-id': z.string().meta({
    description: 'Of the message: the same however often it is sent.',
    example: 'msg_0f8fad5bd9cb469fa16570867728950e',
  }),
  'webhook-timestamp': z.string().meta({
    description: 'When it was sent, seconds since 1970. Refuse what is older than five minutes.',
    example: '1795512600',
  }),
  'webhook-signature': z.string().meta({
    description: 'Signatures over `id.timestamp.body`, separated by spaces. One must be right.',
    example: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  }),
})

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
        headers,
        body: { required: true, content: { 'application/json': { schema } } },
      },
      responses,
    })
  }
}
