/** /oauth/*: where people come, without a key. Their pages say what happened, whatever happens. */
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { receiveAdminConsent } from '../domain/admin-consent.ts'
import { receiveCallback } from '../domain/authorizations/callback.ts'
import { decide } from '../domain/authorizations/decide.ts'
import { type OpenLink, openLink } from '../domain/authorizations/link.ts'
import { requesterName } from '../domain/authorizations/requester.ts'
import { COOKIE_LIFETIME, startSignIn } from '../domain/authorizations/start.ts'
import { AdminConsentPage } from '../pages/admin-consent.tsx'
import { GoingOn, Interstitial } from '../pages/departure.tsx'
import { respond } from '../pages/layout.tsx'
import { refuse } from '../result.ts'
import { type AppEnv, callOf, createRouter } from './app-env.ts'
import {
  asBrowser,
  foreignForm,
  isSameOrigin,
  onceEach,
  queryOf,
  readForm,
  showEnding,
  showError,
  showStopped,
} from './oauth-pages.tsx'
import { oauthStatus } from './oauth-status.ts'

const LINK = ['authorization', 'secret'] as const
const DECISION = ['authorization', 'undecided', 'decision'] as const

const brokenForm = refuse('bad_request', 'This form is not complete. Open the link again.').error

const open = (c: Context<AppEnv>, link: Record<(typeof LINK)[number], string> | null) =>
  openLink(c.get('services'), link?.authorization ?? '', link?.secret ?? '')

/** Binds the browser and says where it goes next. */
async function depart(c: Context<AppEnv>, link: OpenLink) {
  const departure = await startSignIn(c.get('services'), link)
  if (!departure.ok) return departure
  const { name, value } = departure.value.cookie
  setCookie(c, name, value, {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'Lax',
    maxAge: COOKIE_LIFETIME / 1000,
  })
  return departure
}

const pages = createRouter()
pages.onError(showError)
pages.use(asBrowser)

pages.get('/microsoft/authorize', async (c) => {
  const link = await open(c, onceEach(queryOf(c), LINK))
  if (!link.ok) return showEnding(c, link.error)
  // Our own console has shown already who asks for what.
  if (c.req.header('sec-fetch-site') === 'same-origin') {
    const departure = await depart(c, link.value)
    if (!departure.ok) return showStopped(c, departure.error)
    c.header('cache-control', 'no-store')
    return c.redirect(departure.value.url, 302)
  }
  const { authorization } = link.value
  const secret = queryOf(c).get('secret') ?? ''
  const requester = await requesterName(c.get('services'), authorization)
  return respond(c, 200, <Interstitial {...{ authorization, requester, secret }} />)
})

pages.post('/microsoft/authorize', async (c) => {
  if (!isSameOrigin(c)) return showStopped(c, foreignForm)
  const link = await open(c, await readForm(c, LINK))
  if (!link.ok) return showEnding(c, link.error)
  const departure = await depart(c, link.value)
  if (!departure.ok) return showStopped(c, departure.error)
  return respond(c, 200, <GoingOn url={departure.value.url} />)
})

pages.get('/microsoft/callback', async (c) => {
  const cookie = (name: string) => getCookie(c, name)
  return showEnding(c, await receiveCallback(c.get('services'), callOf(c), queryOf(c), cookie))
})

pages.post('/microsoft/callback', async (c) => {
  if (!isSameOrigin(c)) return showStopped(c, foreignForm)
  const form = await readForm(c, DECISION)
  if (!form || !isDecision(form.decision)) return showStopped(c, brokenForm)
  const { authorization, undecided, decision } = form
  const answer = { authorization, undecided, decision }
  const cookie = (name: string) => getCookie(c, name)
  return showEnding(c, await decide(c.get('services'), callOf(c), answer, cookie))
})

const isDecision = (text: string): text is 'keep' | 'discard' =>
  text === 'keep' || text === 'discard'

pages.get('/microsoft/admin-consent', async (c) => {
  const ending = await receiveAdminConsent(c.get('services'), callOf(c), queryOf(c))
  if (ending.kind === 'stopped') return showStopped(c, ending.refusal)
  return respond(c, 200, <AdminConsentPage kind={ending.kind} />)
})

export const oauth = createRouter().route('/', pages).route('/', oauthStatus)
