/** /healthz and /readyz, without authentication; /v1/key-ring, and /metrics for Prometheus. */
import { createRoute } from '@hono/zod-openapi'
import { Alive, Metrics, Readiness } from '../../schema/health.ts'
import { KeyRingCensus } from '../../schema/key-ring.ts'
import { VERSION } from '../../schema/version.ts'
import { readKeyRing } from '../domain/operations/key-ring.ts'
import { readMetrics } from '../domain/operations/metrics.ts'
import { readSharedReadiness } from '../domain/operations/readiness.ts'
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { jsonResponse } from './json.ts'
import { operationsOf } from './operation.ts'

export const health = createRouter()

operationsOf(health, 'Operating')('get', '/healthz', {
  operationId: 'getHealth',
  summary: 'Liveness check',
  description:
    'Returns 200 as soon as the service is running, without checking anything else. For load balancers. Use `/readyz` to check whether calls can be served.',
  returns: Alive,
  run: async () => ok({ status: 'ok' as const, version: VERSION }),
})

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  security: [],
  operationId: 'getReadiness',
  tags: ['Operating'],
  summary: 'Readiness check',
  description:
    'Checks the database, the key ring, the checker (with its key and its clock), the maintenance, and whether Microsoft has responded. While it returns 503, calls that depend on the failed part also fail. With `degraded`, the status is 200 and calls are served, but your Mailgrant administrator must act before something is lost. A result is up to two seconds old, and the same for all callers.',
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

health.openapi(ready, async (c) => {
  const result = await readSharedReadiness(c.get('services'))
  c.header('cache-control', 'no-store')
  if (result.status !== 'failed') return c.json(result, 200)
  return c.json(result, 503, { 'retry-after': '5' })
})

export const keyRing = createRouter()
operationsOf(keyRing, 'Operating')('get', '/key-ring', {
  scope: 'admin',
  operationId: 'getKeyRing',
  internal: true,
  summary: 'Count the stored values per encryption key',
  description:
    'Returns counts, never a key. [Rotate the encryption key](/docs/operating/credentials#rotate-the-encryption-key) uses them.',
  returns: KeyRingCensus,
  run: async ({ services }) => ok(await readKeyRing(services)),
})

const figures = createRoute({
  method: 'get',
  path: '/metrics',
  ...requireScope('read', { use: 'no_metrics' }),
  operationId: 'getMetrics',
  tags: ['Operating'],
  summary: 'Get metrics for Prometheus',
  description:
    'Returns the metrics in [Monitoring](/docs/operating/runbook#metrics). Every account is counted at each request, so scrape once a minute. Keys that are limited to email accounts are refused.',
  responses: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: Metrics } } },
  },
})

export const metrics = createRouter().openapi(figures, async (c) =>
  c.text(await readMetrics(c.get('services')), 200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  }),
)
