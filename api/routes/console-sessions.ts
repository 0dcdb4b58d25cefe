/** /v1/console-sessions: who is signed in to the console. */
import { createRoute, z } from '@hono/zod-openapi'
import { getCookie } from 'hono/cookie'
import { ListQuery } from '../../schema/common.ts'
import {
  ConsoleSessionId,
  ConsoleSessionList,
  SESSION_COOKIE,
} from '../../schema/console-session.ts'
import { endSession, listSessions } from '../domain/access/console-session.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, requireScope } from './guard.ts'
import { jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Console']

const list = createRoute({
  method: 'get',
  path: '/console-sessions',
  ...requireScope('admin'),
  operationId: 'listConsoleSessions',
  tags,
  summary: 'List open console sessions, newest first',
  description:
    'Lists who is signed in to the console: people with Microsoft, and API keys. A page may have fewer items than `limit`, since sessions that can no longer be used are left out.',
  request: { query: ListQuery },
  responses: {
    200: jsonResponse('A page of open sessions.', ConsoleSessionList),
    ...guardProblems,
    ...problems('validation_failed'),
  },
})

const end = createRoute({
  method: 'delete',
  path: '/console-sessions/{id}',
  ...requireScope('admin'),
  operationId: 'endConsoleSession',
  tags,
  summary: 'End a console session',
  description:
    'Ends the session immediately. A person can sign in again while Entra assigns a role to them. API keys that the person created stay valid: revoke those too where needed (`created_by`).',
  request: { params: z.object({ id: ConsoleSessionId }) },
  responses: {
    204: { description: 'Ended.' },
    ...guardProblems,
    ...problems('not_found'),
  },
})

export const consoleSessions = createRouter()
  .openapi(list, async (c) => {
    const current = getCookie(c, SESSION_COOKIE)
    return c.json(await listSessions(c.get('services'), c.req.valid('query'), current), 200)
  })
  .openapi(end, async (c) => {
    unwrap(await endSession(c.get('services'), callOf(c), c.req.valid('param').id))
    return c.body(null, 204)
  })
