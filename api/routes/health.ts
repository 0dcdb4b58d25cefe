/** /healthz and /readyz, without a key. */
import { createRoute } from '@hono/zod-openapi'
import { Alive, Readiness } from '../../schema/health.ts'
import { readiness } from '../domain/readiness.ts'
import { createRouter } from './app-env.ts'
import { jsonAnswer } from './json.ts'

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  security: [],
  operationId: 'getHealth',
  tags: ['Operating'],
  summary: 'Whether the Worker runs',
  description:
    'Answers as soon as the Worker runs and looks at nothing else. For load balancers; use `/readyz` to learn whether calls can be served.',
  responses: {
    200: jsonAnswer('It runs.', Alive),
  },
})

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  security: [],
  operationId: 'getReadiness',
  tags: ['Operating'],
  summary: 'Whether database, key ring and checker are there',
  description:
    'Tries the database, the key ring and the checker, and names the one that fails; of the key ring also the id of a key that sealed what is stored and is missing. Changes nothing. With 503 the calls that need the failed part will fail too.',
  responses: {
    200: jsonAnswer('All are.', Readiness),
    503: {
      description: 'One is not.',
      content: {
        'application/json': {
          schema: Readiness,
          example: {
            status: 'failed',
            checks: {
              database: { status: 'ok' },
              key_ring: { status: 'ok' },
              checker: { status: 'failed', detail: 'The checker does not answer at CHECKER_URL.' },
            },
          },
        },
      },
    },
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
