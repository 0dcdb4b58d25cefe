/** The OpenAPI 3.1 document, from the routes themselves. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from './routes/app-env.ts'

export function document(app: OpenAPIHono<AppEnv>, publicUrl: string) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'api_key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key. The scope that an operation names is the one that its key needs; `write` includes `read`, `admin` includes all, `tokens` neither.',
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
      { name: 'Operating', description: 'Health and readiness.' },
    ],
  })
}
