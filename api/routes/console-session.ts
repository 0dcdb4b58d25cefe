/** Sign-in to the console with an API key, the session of a browser, sign-out, and the list of all sessions. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { ListQuery } from '../../schema/common.ts'
import {
  ConsoleSession,
  ConsoleSessionId,
  ConsoleSessionList,
  SESSION_COOKIE,
  SignInMethods,
} from '../../schema/console-session.ts'
import {
  closeSession,
  endSession,
  listSessions,
  type NewSession,
  openKeySession,
  SESSION_LIFETIME_S,
  sessionView,
} from '../domain/access/console-session.ts'
import { readSignInMethods } from '../domain/sign-ins/console-sign-in.ts'
import { ok } from '../model/result.ts'
import { CONSOLE_SIGN_IN } from '../paths.ts'
import { problems } from '../problem.ts'
import { type AppEnv, createRouter } from './app-env.ts'
import { requireKey, requireSession, sessionId } from './identify.ts'
import { jsonResponse } from './json.ts'
import { operationsOf } from './operation.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Console']
const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const

/** Sets the cookie of a session. */
export const setSessionCookie = (c: Context<AppEnv>, { id }: NewSession) =>
  setCookie(c, SESSION_COOKIE, id, { ...cookie, maxAge: SESSION_LIFETIME_S })

const create = createRoute({
  method: 'post',
  path: '/session',
  security: [{ api_key: [] }],
  operationId: 'createConsoleSession',
  tags,
  summary: 'Sign in to the console with an API key',
  description: `Send the key in the \`Authorization\` header and no body. The response sets the cookie \`${SESSION_COOKIE}\` for 8 hours. The session ends early if its key is revoked or expires. With \`CONSOLE_KEYS=off\` only \`ROOT_API_KEY\` is accepted.`,
  responses: {
    201: jsonResponse('Signed in.', ConsoleSession),
    ...problems('console_key_refused', 'key_limited'),
  },
})

const read = createRoute({
  method: 'get',
  path: '/session',
  security: [{ console_session: [] }],
  operationId: 'getConsoleSession',
  tags,
  summary: 'Get the current console session',
  description:
    'Returns the key or the person of the session and its expiry, for a page that has just loaded. Does not extend the session.',
  responses: { 200: jsonResponse('The session.', ConsoleSession) },
})

const remove = createRoute({
  method: 'delete',
  path: '/session',
  security: [{ console_session: [] }],
  operationId: 'deleteConsoleSession',
  tags,
  summary: 'Sign out of the console',
  description: 'Also returns 204 if the session has already ended.',
  responses: { 204: { description: 'Signed out.' } },
})

const methods = createRoute({
  method: 'get',
  path: '/sign-in-methods',
  security: [],
  operationId: 'getSignInMethods',
  tags,
  summary: 'Get the ways to sign in to the console',
  description: `For the sign-in page, which has no session yet. People sign in at \`${CONSOLE_SIGN_IN}\`, a page for browsers.`,
  responses: {
    200: jsonResponse('The ways to sign in.', SignInMethods),
    ...problems('storage_unavailable'),
  },
})

export const consoleSession = createRouter()
  .openapi(create, async (c) => {
    const key = await requireKey(c)
    // Identifies a key that is refused in the audit trail.
    c.set('actor', { type: 'key', id: key.id })
    const opened = unwrap(await openKeySession(c.get('services'), key))
    setSessionCookie(c, opened)
    return c.json(sessionView(opened.session), 201, { 'cache-control': 'no-store' })
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
  .openapi(methods, async (c) =>
    c.json(await readSignInMethods(c.get('services')), 200, { 'cache-control': 'no-store' }),
  )

export const consoleSessions = createRouter()
const operation = operationsOf(consoleSessions, 'Console')

operation('get', '/console-sessions', {
  scope: 'admin',
  operationId: 'listConsoleSessions',
  summary: 'List open console sessions, newest first',
  description:
    'Lists who is signed in to the console: people with Microsoft, and API keys. A page may have fewer items than `limit`, since sessions that can no longer be used are left out.',
  query: ListQuery,
  returns: ConsoleSessionList,
  run: async ({ services, query, c }) =>
    ok(await listSessions(services, query, getCookie(c, SESSION_COOKIE))),
})

operation('delete', '/console-sessions/{id}', {
  scope: 'admin',
  operationId: 'endConsoleSession',
  summary: 'End a console session',
  description:
    'Ends the session immediately. A person can sign in again while Entra assigns a role to them. Open sign-in links that the person created end, too. API keys that the person created stay valid: revoke those too where needed (`created_by`).',
  params: z.object({ id: ConsoleSessionId }),
  status: 204,
  run: ({ services, call, params: { id } }) => endSession(services, call, id),
})
