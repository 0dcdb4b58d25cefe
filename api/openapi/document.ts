/**
 * Builds the OpenAPI 3.1 document from the routes. `npm run openapi` writes it to schema/openapi.json,
 * which is served; a test fails if the two differ.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import { MailAccountInput } from '../../schema/mail-account.ts'
import { Problem } from '../../schema/problem.ts'
import { VERSION } from '../../schema/version.ts'
import {
  messageName,
  WebhookHeaders,
  WebhookMessage,
  webhookMessages,
} from '../../schema/webhook-message.ts'
import type { AppEnv } from '../routes/app-env.ts'
import { complete } from './add-common-parts.ts'
import type { Document } from './examples.ts'
import { introduction, tags } from './introduction.ts'
import { withReferences } from './references.ts'

export function document(app: OpenAPIHono<AppEnv>): Document {
  app.openAPIRegistry.registerComponent('securitySchemes', 'api_key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key. Each operation states the required scope in its description and as `x-required-scope`. `write` includes `read`, `admin` includes all scopes, `tokens` includes no other.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'console_session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description:
      'For the console only: created by `POST /console/session`, with the rights of the key that signed in, or by a sign-in with Microsoft, with those of the role of the person. Accepted only with `Sec-Fetch-Site: same-origin`; methods other than GET and HEAD also require the `Origin` of this service and `Content-Type: application/json`, even without a body. An Authorization header takes precedence.',
  })
  registerWebhooks(app)
  // Registered, since a bulk creation and the problems of calls refer to them by name only.
  app.openAPIRegistry.register('MailAccountInput', MailAccountInput)
  app.openAPIRegistry.register('Problem', Problem)
  const made = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Mailgrant',
      version: VERSION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      contact: { name: 'The Mailgrant administrator of this deployment' },
      description: introduction,
    },
    // Relative to the URL of the document (OpenAPI 3.1, Server Object), so that the committed copy is
    // right for every deployment.
    servers: [{ url: '/', description: 'The deployment that serves this document.' }],
    tags,
  })
  return complete(withReferences(made))
}

const responses = {
  '2XX': {
    description: 'Received. Any other status, or no response within 15 seconds, is retried.',
  },
  410: { description: 'Unsubscribes: the webhook is disabled.' },
}

function registerWebhooks({ openAPIRegistry }: OpenAPIHono<AppEnv>): void {
  // Registered here, so that receivers can generate a type for any message. Only the log of deliveries refers to this
  // schema, by name, which does not add it to the document.
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
