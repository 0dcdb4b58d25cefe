/** A browser between a world's Worker and its Entra, for sign-in tests. */
import { expect } from 'vitest'
import type { Authorization, AuthorizationCreated } from '../../schema/authorization.ts'
import type { Diagnosis } from '../../schema/diagnosis.ts'
import type { Grant } from '../../schema/grant.ts'
import type { StateProblem } from '../../schema/problem.ts'
import { createBrowser, type Page } from '../sandbox/browser.ts'
import { PUBLIC_URL, type World } from './harness.ts'
import { GRANTS_WITH_TOKENS } from './sql.ts'

export const CALLBACK = `${PUBLIC_URL}/oauth/microsoft/callback`

/** Creates a browser that reaches the Worker and Entra, and nothing else. */
export const browserOf = (world: World) =>
  createBrowser({
    fetch: (url, init) =>
      new URL(url).origin === PUBLIC_URL
        ? world.send(new Request(url, init))
        : world.entra.fetch(url, init),
  })
export type Browser = ReturnType<typeof browserOf>

export async function authorize(
  world: World,
  body: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<AuthorizationCreated> {
  const input = {
    provider: 'microsoft',
    ...(body.mail_account_id === undefined && { username: 'alice@contoso.test' }),
    ...body,
  }
  const response = await world.call('POST', '/v1/authorizations', input, headers)
  expect(response.status).toBe(201)
  return response.json()
}

/** The fields of every status, since tests also look at what is absent. */
export type AnyAuthorization = Authorization & {
  grant?: Grant
  problem?: StateProblem
  hint?: Diagnosis
}

export const readAuthorization = (world: World, id: string) =>
  world.get<AnyAuthorization>(`/v1/authorizations/${id}`)

/** Opens the sign-in link and submits Continue; returns Entra's account picker. */
export async function continueToMicrosoft(browser: Browser, url: string): Promise<Page> {
  const interstitial = await browser.visit(url)
  return browser.submit(interstitial)
}

/** Signs in at Entra and returns the callback URL without visiting it. */
export async function callbackUrl(
  world: World,
  browser: Browser,
  url: string,
  as = 'alice@contoso.test',
): Promise<URL> {
  const picker = await continueToMicrosoft(browser, url)
  return world.entra.signIn(picker.url, { as, returnWithoutConsent: true })
}

/** Completes a sign-in in the browser; returns the result page. */
export async function signIn(
  world: World,
  browser: Browser,
  url: string,
  as?: string,
): Promise<Page> {
  const back = await callbackUrl(world, browser, url, as)
  return returnFromMicrosoft(browser, back)
}

/** Follows Entra's redirect back to the Worker. */
export const returnFromMicrosoft = (browser: Browser, url: string | URL): Promise<Page> =>
  browser.visit(url, {
    from: { url: 'https://login.microsoftonline.com/common/consent', headers: new Headers() },
  })

/** Returns the table's rows, those of grants with their access tokens. */
export async function rowsOf(world: World, table: 'authorizations' | 'grants' | 'events') {
  const from = table === 'grants' ? GRANTS_WITH_TOKENS : table
  const { results } = await world.db.prepare(`SELECT * FROM ${from}`).all()
  return results
}

/** Starts a sign-in and completes it at Microsoft; the callback URL is not yet visited. */
export async function startSignIn(world: World, as?: string, body: Record<string, unknown> = {}) {
  const created = await authorize(world, body)
  const browser = browserOf(world)
  const back = await callbackUrl(world, browser, created.url, as)
  const cookie = await browser.jar.getCookieString(CALLBACK)
  return { ...created, browser, back, cookie }
}

/** Requests any URL with this cookie, without the headers that a browser would add. */
export const getWithCookie = (world: World, url: URL | string, cookie = '') =>
  world.send(new Request(url, { headers: { cookie } }))

/** Sends a form of a hosted page, as its browser does. */
export const sendForm = (
  world: World,
  url: string,
  body: URLSearchParams,
  headers: Record<string, string> = {},
) =>
  world.send(
    new Request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      body: String(body),
    }),
  )

/** Returns the number of authorization codes sent to Entra. */
export const codeRedemptions = (world: World) => world.entra.counts().token.authorization_code
