/** /v1/grants: what consents left. */
import { createRoute, z } from '@hono/zod-openapi'
import { GrantId } from '../../schema/common.ts'
import { Grant, GrantDeleted, GrantList, GrantQuery } from '../../schema/grant.ts'
import { deleteGrant, listGrants, readGrant } from '../domain/grants.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { jsonAnswer } from './json.ts'

const tags = ['Grants']
const params = z.object({ id: GrantId })

const list = createRoute({
  method: 'get',
  path: '/grants',
  ...needs('read'),
  operationId: 'listGrants',
  tags,
  summary: 'List grants, newest first',
  description:
    'All grants without their tokens, also those not saved yet. Filter by the address that signed in, or by status.',
  request: { query: GrantQuery },
  responses: {
    200: jsonAnswer('A page of grants.', GrantList),
    ...guardProblems,
    ...problems('validation_failed'),
  },
})

const get = createRoute({
  method: 'get',
  path: '/grants/{id}',
  ...needs('read'),
  operationId: 'getGrant',
  tags,
  summary: 'Read a grant',
  description:
    'How the grant stands and, where it does not work, why and who must act. Its tokens are never part of it.',
  request: { params },
  responses: {
    200: jsonAnswer('The grant, without its tokens.', Grant),
    ...guardProblems,
    ...problems('not_found'),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/grants/{id}',
  ...needs('write'),
  operationId: 'deleteGrant',
  tags,
  summary: 'Delete a grant and wipe its tokens',
  description:
    'Wipes the stored tokens at once. A grant that mail accounts use is 409 `grant_in_use` unless `detach=true`, which leaves them to be reconnected. Access tokens that were handed out live until they expire, since Microsoft has no call to revoke them.',
  request: {
    params,
    query: z.object({
      detach: z.enum(['true', 'false']).default('false').meta({
        description: 'Delete it although accounts use it: they must be reconnected then.',
      }),
    }),
  },
  responses: {
    200: jsonAnswer('It is gone.', GrantDeleted),
    ...guardProblems,
    ...problems('validation_failed', 'not_found', 'key_limited', 'grant_in_use'),
  },
})

export const grants = createRouter()
  .openapi(list, async (c) =>
    c.json(await listGrants(c.get('services'), callOf(c), c.req.valid('query')), 200),
  )
  .openapi(get, async (c) =>
    c.json(orThrow(await readGrant(c.get('services'), callOf(c), c.req.valid('param').id)), 200),
  )
  .openapi(remove, async (c) => {
    const detach = c.req.valid('query').detach === 'true'
    const { id } = c.req.valid('param')
    return c.json(orThrow(await deleteGrant(c.get('services'), callOf(c), id, detach)), 200)
  })
