/**
 * The OpenAPI 3.1 document, from the routes themselves. `npm run openapi` writes it to
 * schema/openapi.json, a test holds the two together, and that file is what is served.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import type { AppEnv } from '../routes/app-env.ts'
import { complete } from './complete.ts'
import type { Document } from './examples.ts'
import { registerWebhooks } from './webhook-messages.ts'
import { introduction, tags } from './words.ts'

export function document(app: OpenAPIHono<AppEnv>): Document {
  app.openAPIRegistry.registerComponent('securitySchemes', 'api_key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key. Each operation names the scope that its key needs, in words and as `x-required-scope`; `write` includes `read`, `admin` includes all, `tokens` neither.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'console_session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description:
      'For the console only, from `POST /console/session`: it stands for the key that signed in. It counts with `Sec-Fetch-Site: same-origin` alone, and for every method but GET and HEAD also with the `Origin` of this service and `Content-Type: application/json`, whether there is a body or not (DELETE has none). An Authorization header wins over it.',
  })
  registerWebhooks(app)
  const made = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Mailgrant',
      version: '1.0.0',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      contact: { name: 'Whoever runs this deployment' },
      description: introduction,
    },
    // Relative to where the document is served from (OpenAPI 3.1, Server Object): so the committed
    // copy and the one of every deployment are the same.
    servers: [{ url: '/', description: 'The deployment that serves this document.' }],
    tags,
  })
  return complete(made)
}
