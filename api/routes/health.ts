/** /healthz and /readyz, without authentication. */
import { createRoute } from '@hono/zod-openapi'
import { Alive, Readiness } from '../../schema/health.ts'
import { VERSION } from '../../schema/version.ts'
import { readSharedReadiness } from '../domain/operations/readiness.ts'
import { createRouter } from './app-env.ts'
import { jsonResponse } from './json.ts'

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  security: [],
  operationId: 'getHealth',
  tags: ['Operating'],
  summary: 'Liveness check',
  description:
    'Answers 200 as soon as the service is running, without checking anything else. For load balancers. Use `/readyz` to check whether calls can be served.',
  responses: {
    200: jsonResponse('Running.', Alive),
  },
})

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  security: [],
  operationId: 'getReadiness',
  tags: ['Operating'],
  summary: 'Readiness check',
  description:
    'Checks the database, the key ring, the checker (with its key and its clock), the maintenance, and whether Microsoft has responded, and names each one that fails, including the id of any encryption key that stored data requires but `ENCRYPTION_KEYS` lacks. While it answers 503, calls that depend on the failed part also fail. `degraded` has status 200: calls are served, but an operator must act before something is lost, for example because the maintenance falls behind, or the checker or Microsoft cannot be reached. A result is up to two seconds old, and the same for all callers.',
  responses: {
    200: jsonResponse('Calls are served.', Readiness),
    503: {
      description: 'At least one part does not work.',
      content: {
        'application/json': {
          schema: Readiness,
          example: {
            status: 'failed',
            checks: {
              database: { status: 'ok' },
              key_ring: {
                status: 'failed',
                detail: 'The newest key of ENCRYPTION_KEYS does not work.',
              },
              checker: { status: 'ok' },
              maintenance: { status: 'ok' },
              microsoft: { status: 'ok' },
            },
          },
        },
      },
    },
  },
})

export const health = createRouter()
  .openapi(alive, (c) => c.json({ status: 'ok' as const, version: VERSION }, 200))
  .openapi(ready, async (c) => {
    const result = await readSharedReadiness(c.get('services'))
    c.header('cache-control', 'no-store')
    if (result.status !== 'failed') return c.json(result, 200)
    return c.json(result, 503, { 'retry-after': '5' })
  })
