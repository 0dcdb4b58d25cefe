/** /healthz and /readyz, without a key. */
import { createRoute } from '@hono/zod-openapi'
import { Alive, Readiness } from '../../schema/health.ts'
import { readiness } from '../domain/readiness.ts'
import { createRouter } from './app-env.ts'

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  tags: ['Operating'],
  summary: 'Whether the Worker runs',
  responses: {
    200: { description: 'It runs.', content: { 'application/json': { schema: Alive } } },
  },
})

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  tags: ['Operating'],
  summary: 'Whether database, key ring and checker are there',
  responses: {
    200: { description: 'All are.', content: { 'application/json': { schema: Readiness } } },
    503: { description: 'One is not.', content: { 'application/json': { schema: Readiness } } },
  },
})

export const health = createRouter()
  .openapi(alive, (c) => c.json({ status: 'ok' as const }, 200))
  .openapi(ready, async (c) => {
    const answer = await readiness(c.get('services'))
    c.header('cache-control', 'no-store')
    if (answer.status === 'ok') return c.json(answer, 200)
    return c.json(answer, 503, { 'retry-after': '5' })
  })
