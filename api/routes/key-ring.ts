/** GET /v1/key-ring: which encryption keys are in use. */
import { createRoute } from '@hono/zod-openapi'
import { KeyRingCensus } from '../../schema/key-ring.ts'
import { readKeyRing } from '../domain/key-ring.ts'
import { createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { jsonAnswer } from './json.ts'

const get = createRoute({
  method: 'get',
  path: '/key-ring',
  ...needs('admin'),
  operationId: 'getKeyRing',
  tags: ['Operating'],
  summary: 'Count what each encryption key sealed',
  description:
    'To rotate the encryption key: put a new one before the others in `ENCRYPTION_KEYS`, and what older keys sealed is sealed anew hour by hour. A key with 0 `rows` may go, once no backup of the database from before is needed any more. Counts only; no key is ever shown.',
  responses: {
    200: jsonAnswer('Every key of the ring, and every key that is missing from it.', KeyRingCensus),
    ...guardProblems,
  },
})

export const keyRing = createRouter().openapi(get, async (c) =>
  c.json(await readKeyRing(c.get('services')), 200),
)
