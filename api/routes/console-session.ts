/** Sign-in to the console with an API key, the session of a browser, sign-out, and the list of all sessions. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
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
import { type AppEnv, createRouter } from './app-env.ts'
import { requireKey, requireSession, sessionId } from './identify.ts'
import { operationsOf } from './operation.ts'

const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const

/** Sets the cookie of a session. */
export const setSessionCookie = (c: Context<AppEnv>, { id }: NewSession) =>
  setCookie(c, SESSION_COOKIE, id, { ...cookie, maxAge: SESSION_LIFETIME_S })

export const consoleSession = createRouter()
const ofBrowser = operationsOf(consoleSession, 'Console')

ofBrowser('post', '/session', {
  security: [{ api_key: [] }],
  operationId: 'createConsoleSession',
  summary: 'Sign in to the console with an API key',
  description: `Send the key in the \`Authorization\` header and no body. The response sets the cookie \`${SESSION_COOKIE}\` for 8 hours. The session ends early if its key is revoked or expires. With \`CONSOLE_KEYS=off\` only \`ROOT_API_KEY\` is accepted.`,
  status: 201,
  returns: ConsoleSession,
  problems: ['console_key_refused', 'key_limited'],
  run: async ({ services, c }) => {
    const key = await requireKey(c)
    // Identifies a key that is refused in the audit trail.
    c.set('actor', { type: 'key', id: key.id })
    const opened = await openKeySession(services, key)
    if (!opened.ok) return opened
    setSessionCookie(c, opened.value)
    c.header('cache-control', 'no-store')
    return ok(sessionView(opened.value.session))
  },
})

ofBrowser('get', '/session', {
  security: [{ console_session: [] }],
  operationId: 'getConsoleSession',
  summary: 'Get the current console session',
  description:
    'Returns the key or the person of the session and its expiry, for a page that has just loaded. Does not extend the session.',
  returns: ConsoleSession,
  run: async ({ c }) => {
    c.header('cache-control', 'no-store')
    return ok(sessionView(await requireSession(c)))
  },
})

ofBrowser('delete', '/session', {
  security: [{ console_session: [] }],
  operationId: 'deleteConsoleSession',
  summary: 'Sign out of the console',
  description: 'Also returns 204 if the session has already ended.',
  status: 204,
  run: async ({ services, c }) => {
    const id = sessionId(c)
    if (id !== undefined) await closeSession(services, id)
    deleteCookie(c, SESSION_COOKIE, cookie)
    return ok(null)
  },
})

ofBrowser('get', '/sign-in-methods', {
  operationId: 'getSignInMethods',
  summary: 'Get the ways to sign in to the console',
  description: `For the sign-in page, which has no session yet. People sign in at \`${CONSOLE_SIGN_IN}\`, a page for browsers.`,
  returns: SignInMethods,
  problems: ['storage_unavailable'],
  run: async ({ services, c }) => {
    c.header('cache-control', 'no-store')
    return ok(await readSignInMethods(services))
  },
})

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
