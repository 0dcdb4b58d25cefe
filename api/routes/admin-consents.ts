/** POST /v1/integrations/microsoft/admin-consent: creates a link for a tenant admin. */
import { createRoute } from '@hono/zod-openapi'
import { AdminConsentInput, AdminConsentLink } from '../../schema/integration.ts'
import { createAdminConsent } from '../domain/app/admin-consent.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, requireScope } from './guard.ts'
import { IdempotencyKey, idempotencyProblems, idempotent } from './idempotency.ts'
import { bodyProblems, jsonBody, jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const create = createRoute({
  method: 'post',
  path: '/integrations/microsoft/admin-consent',
  ...idempotent(requireScope('write', { rate: 'authorizations' }), { untilExpiry: true }),
  operationId: 'createAdminConsentLink',
  tags: ['Integrations'],
  summary: 'Create a link for tenant-wide admin consent',
  description:
    'Returns a link where an administrator consents once for everyone in the tenant. It is valid for 14 days and can be opened repeatedly until consent succeeds. The outcome is recorded as an event marked `unverified` and changes nothing else. Every call creates a new link.',
  request: { headers: IdempotencyKey, ...jsonBody(AdminConsentInput) },
  responses: {
    201: jsonResponse('The link, valid for 14 days or until consent succeeds.', AdminConsentLink),
    ...guardProblems,
    ...idempotencyProblems,
    ...problems(...bodyProblems, 'integration_not_configured', 'too_many_links'),
  },
})

export const adminConsents = createRouter().openapi(create, async (c) => {
  const link = await createAdminConsent(c.get('services'), callOf(c), c.req.valid('json'))
  c.header('cache-control', 'no-store')
  return c.json(unwrap(link), 201)
})
