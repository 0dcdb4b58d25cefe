/** /oauth/*: the hosted pages. People need no API key, and every error is a page. */
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { receiveAdminConsent } from '../domain/app/admin-consent.ts'
import { receiveCallback } from '../domain/sign-ins/callback.ts'
import { confirmMismatch } from '../domain/sign-ins/mismatch.ts'
import { readHelp } from '../domain/sign-ins/read.ts'
import { openLink, requesterName } from '../domain/sign-ins/sign-in-link.ts'
import { BROWSER_SECRET_LIFETIME_MS, startSignIn } from '../domain/sign-ins/start.ts'
import { readAdminConsent } from '../entra/admin-consent.ts'
import { readCallback } from '../entra/authorize.ts'
import { AdminConsentPage, ConsentPage, RedirectingPage } from '../pages/consent-page.tsx'
import { HelpPage } from '../pages/help-page.tsx'
import { respond } from '../pages/layout.tsx'
import { ADMIN_CONSENT, AUTHORIZE, CALLBACK, HOSTED_PAGES, STATUS } from '../paths.ts'
import { type AppEnv, createRouter, visitorCallOf } from './app-env.ts'
import {
  AGAIN,
  brokenForm,
  queryOf,
  readForm,
  readOnce,
  showError,
  showOutcome,
  showReason,
  showRejected,
} from './oauth-pages.tsx'
import { oauthStatus } from './oauth-status.ts'
import { prefersPage } from './text.ts'

const LINK = ['authorization', 'secret'] as const
const DECISION = ['authorization', 'undecided', 'decision'] as const

/** Returns the name of the cookie of one authorization, since popups may overlap. `__Host-` cookies need HTTPS and this host. */
const cookieName = (authorizationId: string) => `__Host-mg_${authorizationId}`

const browserSecretOf = (c: Context<AppEnv>) => (authorizationId: string) =>
  getCookie(c, cookieName(authorizationId))

type Link = Record<(typeof LINK)[number], string>

/** Starts the sign-in, binds the browser to it and returns the redirect to Microsoft. */
async function startAndBind(c: Context<AppEnv>, { authorization, secret }: Link) {
  const redirect = await startSignIn(c.get('services'), authorization, secret)
  if (!redirect.ok) return redirect
  setCookie(c, cookieName(authorization), redirect.value.browserSecret, {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'Lax',
    maxAge: BROWSER_SECRET_LIFETIME_MS / 1000,
  })
  return redirect
}

const pages = createRouter()
pages.onError(showError)

pages.get(AUTHORIZE, async (c) => {
  const query = queryOf(c)
  const link = readOnce(query, LINK) ?? { authorization: '', secret: '' }
  // The console has already shown who requests what.
  if (c.req.header('sec-fetch-site') === 'same-origin' && !query.has(AGAIN)) {
    const redirect = await startAndBind(c, link)
    if (!redirect.ok) return showOutcome(c, redirect.error)
    c.header('cache-control', 'no-store')
    return c.redirect(redirect.value.url, 302)
  }
  const opened = await openLink(c.get('services'), link.authorization, link.secret)
  if (!opened.ok) return showOutcome(c, opened.error)
  const { authorization } = opened.value
  const requester = requesterName(opened.value.requester)
  return respond(c, 200, (context) => (
    <ConsentPage {...{ context, authorization, requester, secret: link.secret }} />
  ))
})

pages.post(AUTHORIZE, async (c) => {
  const form = await readForm(c, LINK)
  if (!form) return showRejected(c, brokenForm)
  const redirect = await startAndBind(c, form)
  if (!redirect.ok) return showOutcome(c, redirect.error)
  return respond(c, 200, (context) => (
    <RedirectingPage context={context} url={redirect.value.url} />
  ))
})

pages.get(CALLBACK, async (c) => {
  const params = queryOf(c)
  const response = params.size === 0 ? null : readCallback(params)
  const outcome = await receiveCallback(
    c.get('services'),
    visitorCallOf(c),
    response,
    browserSecretOf(c),
  )
  return showOutcome(c, outcome)
})

pages.post(CALLBACK, async (c) => {
  const form = await readForm(c, DECISION)
  if (!form || !isDecision(form.decision)) return showRejected(c, brokenForm)
  const response = { ...form, decision: form.decision }
  const outcome = await confirmMismatch(
    c.get('services'),
    visitorCallOf(c),
    response,
    browserSecretOf(c),
  )
  return showOutcome(c, outcome)
})

const isDecision = (text: string): text is 'keep' | 'discard' =>
  text === 'keep' || text === 'discard'

pages.get(ADMIN_CONSENT, async (c) => {
  const response = readAdminConsent(queryOf(c))
  const outcome = await receiveAdminConsent(c.get('services'), visitorCallOf(c), response)
  if (outcome.kind === 'rejected') return showReason(c, outcome.reason)
  return respond(c, 200, (context) => <AdminConsentPage context={context} kind={outcome.kind} />)
})

/** The status URL as a page, with help for a person who cannot continue on Microsoft's page. */
const HELP = `${STATUS}/:id`

async function showHelp(c: Context<AppEnv>, text: string | null) {
  const { secret = '' } = readOnce(queryOf(c), ['secret']) ?? {}
  const id = c.req.param('id') ?? ''
  const help = await readHelp(c.get('services'), visitorCallOf(c), { id, secret, text })
  if (!help.ok) return showReason(c, help.error)
  return respond(c, 200, (context) => <HelpPage context={context} {...help.value} />)
}

pages.get(HELP, (c, next) => (prefersPage(c.req.header('accept')) ? showHelp(c, null) : next()))

pages.post(HELP, async (c) => {
  const form = await readForm(c, ['error'])
  return form ? showHelp(c, form.error) : showRejected(c, brokenForm)
})

export const oauth = createRouter().route('/', pages).route(HOSTED_PAGES, oauthStatus)
