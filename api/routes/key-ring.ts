/** GET /v1/key-ring: counts of stored values per encryption key. */
import { createRoute } from '@hono/zod-openapi'
import { KeyRingCensus } from '../../schema/key-ring.ts'
import { readKeyRing } from '../domain/operations/key-ring.ts'
import { createRouter } from './app-env.ts'
import { guardProblems, requireScope } from './guard.ts'
import { jsonResponse } from './json.ts'

const get = createRoute({
  method: 'get',
  path: '/key-ring',
  ...requireScope('admin'),
  operationId: 'getKeyRing',
  tags: ['Operating'],
  summary: 'Count the stored values per encryption key',
  description:
    'To rotate the encryption key, append a new key to `ENCRYPTION_KEYS`. Once every instance has it, move it to the front: it encrypts from then on, and the maintenance re-encrypts the values of older keys. Remove a key once it has 0 `rows` and you need no backup from before then. Returns counts only, never a key.',
  responses: {
    200: jsonResponse(
      'Every key in the ring, and every key that is missing from it.',
      KeyRingCensus,
    ),
    ...guardProblems,
  },
})

export const keyRing = createRouter().openapi(get, async (c) =>
  c.json(await readKeyRing(c.get('services')), 200),
)
