/** GET /v1/key-ring: counts of stored values per encryption key. */
import { createRoute } from '@hono/zod-openapi'
import { KeyRingCensus } from '../../schema/key-ring.ts'
import { readKeyRing } from '../domain/key-ring.ts'
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
    'To rotate the encryption key, put a new key first in `ENCRYPTION_KEYS`: the hourly maintenance re-encrypts values of older keys. Remove a key once it has 0 `rows` and no backup from before that point is needed. Returns counts only, never a key.',
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
