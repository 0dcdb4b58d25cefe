/** /console/session: sign-in to the console with an API key, the session of a browser, and sign-out. */
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { ConsoleSession, SESSION_COOKIE, SignInMethods } from '../../schema/console-session.ts'
import {
  closeSession,
  type NewSession,
  openKeySession,
  SESSION_LIFETIME_S,
  sessionView,
} from '../domain/access/console-session.ts'
import { readSignInMethods } from '../domain/sign-ins/console-sign-in.ts'
import { CONSOLE_SIGN_IN } from '../paths.ts'
import { problems } from '../problem.ts'
import { type AppEnv, createRouter } from './app-env.ts'
import { requireKey, requireSession, sessionId } from './identify.ts'
import { jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Console']
const unauthorized = problems('unauthorized', 'rate_limited')
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
    ...unauthorized,
    ...problems('console_key_refused'),
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
  responses: { 200: jsonResponse('The session.', ConsoleSession), ...unauthorized },
})

const remove = createRoute({
  method: 'delete',
  path: '/session',
  security: [{ console_session: [] }],
  operationId: 'deleteConsoleSession',
  tags,
  summary: 'Sign out of the console',
  description: 'Also answers 204 if the session has already ended.',
  responses: { 204: { description: 'Signed out.' }, ...unauthorized },
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
