/** POST /v1/integrations/microsoft/admin-consent: a link for a tenant admin. */
import { createRoute } from '@hono/zod-openapi'
import { AdminConsentInput, AdminConsentLink } from '../../schema/integration.ts'
import { createAdminConsent } from '../domain/admin-consent.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { IdempotencyKey, once, onceProblems } from './idempotency.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const create = createRoute({
  method: 'post',
  path: '/integrations/microsoft/admin-consent',
  ...once(needs('write', { rate: 'authorizations' })),
  operationId: 'createAdminConsentLink',
  tags: ['Integrations'],
  summary: 'Make a link with which an admin consents for a whole tenant',
  description:
    'A link at which an administrator consents once for everybody in the tenant. It works for 14 days and may be opened again until it has succeeded. The outcome appears among the events as `unverified` and changes nothing else. Every call makes a new link.',
  request: { headers: IdempotencyKey, ...jsonBody(AdminConsentInput) },
  responses: {
    201: jsonAnswer('The link. It works for 14 days, until it has succeeded.', AdminConsentLink),
    ...guardProblems,
    ...onceProblems,
    ...problems(...bodyCodes, 'integration_not_configured'),
  },
})

export const adminConsents = createRouter().openapi(create, async (c) => {
  const link = await createAdminConsent(c.get('services'), callOf(c), c.req.valid('json'))
  c.header('cache-control', 'no-store')
  return c.json(orThrow(link), 201)
})
