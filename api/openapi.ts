/** The OpenAPI 3.1 document, from the routes themselves. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { SESSION_COOKIE } from '../schema/console-session.ts'
import type { AppEnv } from './routes/app-env.ts'

export function document(app: OpenAPIHono<AppEnv>, publicUrl: string) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'api_key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key. The scope that an operation names is the one that its key needs; `write` includes `read`, `admin` includes all, `tokens` neither.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'console_session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description:
      'For the console only, from `POST /console/session`: it stands for the key that signed in. It counts with `Sec-Fetch-Site: same-origin` alone, and for every method but GET and HEAD also with the `Origin` of this service and `Content-Type: application/json`, whether there is a body or not (DELETE has none). An Authorization header wins over it.',
  })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Mailgrant',
      version: '1.0.0',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      description:
        'OAuth for Microsoft mailboxes: consent, encrypted grants, refresh, token hand-out, and real IMAP and SMTP logins that say why something does not connect.',
    },
    servers: [{ url: publicUrl }],
    tags: [
      { name: 'Integrations', description: 'The app registration at Microsoft Entra.' },
      { name: 'Authorizations', description: '"Get Access Token": from the link to the grant.' },
      { name: 'Grants', description: 'What a consent left: tokens, kept fresh.' },
      { name: 'Mail accounts', description: 'Mailboxes and how to log in to them.' },
      { name: 'Validations', description: 'Real logins, step by step.' },
      { name: 'Diagnoses', description: 'Why it does not connect, who must act, and the fix.' },
      { name: 'Events', description: 'Who did what.' },
      { name: 'Console', description: 'How the console signs in. Nothing for other programs.' },
      { name: 'Operating', description: 'Health and readiness.' },
    ],
  })
}
