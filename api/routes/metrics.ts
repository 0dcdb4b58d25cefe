/** GET /metrics: figures of the deployment for Prometheus. */
import { createRoute } from '@hono/zod-openapi'
import { Metrics } from '../../schema/health.ts'
import { readMetrics } from '../domain/operations/metrics.ts'
import { problems } from '../problem.ts'
import { createRouter } from './app-env.ts'
import { guardProblems, requireScope } from './guard.ts'

const get = createRoute({
  method: 'get',
  path: '/metrics',
  ...requireScope('read', { use: 'no_metrics' }),
  operationId: 'getMetrics',
  tags: ['Operating'],
  summary: 'Get metrics for Prometheus',
  description:
    'Returns grants by status, email accounts by health, requests for access tokens by outcome, webhook messages by outcome and how many are pending, when the credential expires, the last maintenance run, how long the oldest due refresh has waited, the checks of `/readyz`, and the size of the database. Your own server adds the durations of its requests by status, its process, and the logins of the checker inside. Every account is counted at each request, so scrape once a minute. Keys that are limited to email accounts are refused.',
  responses: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: Metrics } } },
    ...guardProblems,
    ...problems('key_limited'),
  },
})

export const metrics = createRouter().openapi(get, async (c) =>
  c.text(await readMetrics(c.get('services')), 200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  }),
)
