/** /console/sign-in and /console/callback: sign-in of people to the console with Microsoft. Every error is a page. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import {
  CONSOLE_SIGN_IN_TIME_MS,
  type ConsoleSignInRefusal,
  finishConsoleSignIn,
  startConsoleSignIn,
} from '../domain/sign-ins/console-sign-in.ts'
import { readCallback } from '../entra/authorize.ts'
import { networkOf } from '../model/token-use.ts'
import { ConsoleSignInPage, signInPageStatus } from '../pages/console-sign-in.tsx'
import { respond } from '../pages/layout.tsx'
import { CONSOLE, CONSOLE_CALLBACK, CONSOLE_SIGN_IN } from '../paths.ts'
import { type AppEnv, createRouter, visitorCallOf } from './app-env.ts'
import { setSessionCookie } from './console-session.ts'
import { queryOf, showError } from './oauth-pages.tsx'

/** Binds the browser to the sign-in that it started. Not `Strict`: the way back from Microsoft is cross-site. */
const COOKIE = '__Host-mailgrant_sign_in'
const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

const showRefusal = (c: Context<AppEnv>, refusal: ConsoleSignInRefusal) =>
  respond(
    c,
    signInPageStatus(refusal),
    (context) => <ConsoleSignInPage context={context} refusal={refusal} />,
    'en',
  )

/**
 * Limits the requests to Microsoft that strangers can cause, by the client's address. A few codes a minute are enough,
 * and many wrong ones would make Entra throttle the app.
 */
const withinRate = (c: Context<AppEnv>, name: 'authorizations' | 'failed_authentication') => () =>
  c.get('services').withinRate(name, `console ${networkOf(c.env.clientAddress)}`)

export const consoleSignIn = createRouter()
consoleSignIn.onError(showError)

consoleSignIn.get(CONSOLE_SIGN_IN, async (c) => {
  const started = await startConsoleSignIn(c.get('services'), withinRate(c, 'authorizations'))
  if (!started.ok) return showRefusal(c, started.refusal)
  const maxAge = CONSOLE_SIGN_IN_TIME_MS / 1000
  setCookie(c, COOKIE, started.value.sealed, { ...cookie, maxAge })
  c.header('cache-control', 'no-store')
  return c.redirect(started.value.url, 302)
})

consoleSignIn.get(CONSOLE_CALLBACK, async (c) => {
  const params = queryOf(c)
  const response = params.size === 0 ? null : readCallback(params)
  const sealed = getCookie(c, COOKIE)
  const finished = await finishConsoleSignIn(
    c.get('services'),
    visitorCallOf(c),
    response,
    sealed,
    withinRate(c, 'failed_authentication'),
  )
  // A response that belongs to no sign-in of this browser must not end the one that is under way.
  if (finished.ok || !LEAVES_COOKIE.includes(finished.refusal.kind)) deleteCookie(c, COOKIE, cookie)
  if (!finished.ok) return showRefusal(c, finished.refusal)
  setSessionCookie(c, finished.value)
  c.header('cache-control', 'no-store')
  return c.redirect(CONSOLE, 302)
})

const LEAVES_COOKIE: readonly ConsoleSignInRefusal['kind'][] = ['empty', 'malformed', 'not_started']
