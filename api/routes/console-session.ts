/** /console/session: sign-in to the console with an API key, and sign-out. */
import { createRoute } from '@hono/zod-openapi'
import { deleteCookie, setCookie } from 'hono/cookie'
import { ConsoleSession, SESSION_COOKIE } from '../../schema/console-session.ts'
import {
  closeSession,
  openSession,
  SESSION_LIFETIME_S,
  sessionView,
} from '../domain/console-session.ts'
import { problems } from '../problem.ts'
import { createRouter } from './app-env.ts'
import { requireKey, requireSession, sessionId } from './identify.ts'
import { jsonResponse } from './json.ts'

const tags = ['Console']
const unauthorized = problems('unauthorized', 'rate_limited')
const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const

const create = createRoute({
  method: 'post',
  path: '/',
  security: [{ api_key: [] }],
  operationId: 'createConsoleSession',
  tags,
  summary: 'Sign in to the console with an API key',
  description: `Send the key in the \`Authorization\` header and no body. The response sets the cookie \`${SESSION_COOKIE}\` for 8 hours. The session ends early if its key is revoked or expires.`,
  responses: { 201: jsonResponse('Signed in.', ConsoleSession), ...unauthorized },
})

const read = createRoute({
  method: 'get',
  path: '/',
  security: [{ console_session: [] }],
  operationId: 'getConsoleSession',
  tags,
  summary: 'Get the current console session',
  description:
    'Returns the key of the session and its expiry, for a page that has just loaded. Does not extend the session.',
  responses: { 200: jsonResponse('The session.', ConsoleSession), ...unauthorized },
})

const remove = createRoute({
  method: 'delete',
  path: '/',
  security: [{ console_session: [] }],
  operationId: 'deleteConsoleSession',
  tags,
  summary: 'Sign out of the console',
  description: 'Also answers 204 if the session has already ended.',
  responses: { 204: { description: 'Signed out.' }, ...unauthorized },
})

export const consoleSession = createRouter()
  .openapi(create, async (c) => {
    const session = await openSession(c.get('services'), await requireKey(c))
    setCookie(c, SESSION_COOKIE, session.id, { ...cookie, maxAge: SESSION_LIFETIME_S })
    return c.json(sessionView(session), 201, { 'cache-control': 'no-store' })
  })
  .openapi(read, async (c) =>
    c.json(sessionView(await requireSession(c)), 200, { 'cache-control': 'no-store' }),
  )
  .openapi(remove, async (c) => {
    const id = sessionId(c)
    if (id !== undefined) await closeSession(c.get('services'), id)
    deleteCookie(c, SESSION_COOKIE, cookie)
    return c.body(null, 204)
  })
