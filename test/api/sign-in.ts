/** A person with a browser between a world's Worker and its Entra, for tests of signing in. */
import { expect } from 'vitest'
import type { Authorization, AuthorizationCreated } from '../../schema/authorization.ts'
import { createBrowser, type Page } from '../sandbox/browser.ts'
import { createWorld, PUBLIC_URL, type World } from './harness.ts'

export const CALLBACK = `${PUBLIC_URL}/oauth/microsoft/callback`

/** A browser that can reach the Worker and Entra and nothing else. */
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
): Promise<AuthorizationCreated> {
  const response = await world.call('POST', '/v1/authorizations', {
    provider: 'microsoft',
    ...(body.mail_account_id === undefined && { username: 'alice@contoso.test' }),
    ...body,
  })
  expect(response.status).toBe(201)
  return response.json()
}

export async function readBack(world: World, id: string): Promise<Authorization> {
  const response = await world.call('GET', `/v1/authorizations/${id}`)
  expect(response.status).toBe(200)
  return response.json()
}

/** Opens the link and presses Continue: stands before Entra's account picker. */
export async function goOn(browser: Browser, url: string): Promise<Page> {
  const interstitial = await browser.visit(url)
  return browser.submit(interstitial)
}

/** Where Entra would send the browser, which has not gone there yet. */
export async function callbackUrl(
  world: World,
  browser: Browser,
  url: string,
  as = 'alice@contoso.test',
): Promise<URL> {
  const picker = await goOn(browser, url)
  return world.entra.signIn(picker.url, { as, returnWithoutConsent: true })
}

/** All the way, as the browser of the person sees it. */
export async function signIn(
  world: World,
  browser: Browser,
  url: string,
  as?: string,
): Promise<Page> {
  const back = await callbackUrl(world, browser, url, as)
  return comeBack(browser, back)
}

/** Entra's page leads back to the Worker. */
export const comeBack = (browser: Browser, url: string | URL): Promise<Page> =>
  browser.visit(url, {
    from: { url: 'https://login.microsoftonline.com/common/consent', headers: new Headers() },
  })

/** Rows that a failure may not leave behind. */
export async function rowsOf(world: World, table: 'authorizations' | 'grants' | 'events') {
  const { results } = await world.db.prepare(`SELECT * FROM ${table}`).all()
  return results
}

/** In the order of their writing: several may bear the same time. */
export async function eventTypes(world: World, id: string): Promise<unknown[]> {
  const query = world.db.prepare('SELECT type FROM events WHERE subject = ? ORDER BY rowid')
  const { results } = await query.bind(id).all<{ type: string }>()
  return results.map(({ type }) => type)
}

/** A world in which people may sign in. */
export async function activeWorld(): Promise<World> {
  const world = await createWorld()
  await world.activate()
  return world
}

/** Started by a browser and back from Microsoft, one step before the callback. */
export async function underway(world: World, as?: string, body: Record<string, unknown> = {}) {
  const created = await authorize(world, body)
  const browser = browserOf(world)
  const back = await callbackUrl(world, browser, created.url, as)
  const cookie = await browser.jar.getCookieString(CALLBACK)
  return { ...created, browser, back, cookie }
}

/** A request of any address, with this cookie and as no browser would label it. */
export const hit = (world: World, url: URL | string, cookie = '') =>
  world.send(new Request(url, { headers: { cookie } }))

/** How often a code was sent to Entra. */
export const exchanges = (world: World) => world.entra.counts().token.authorization_code
