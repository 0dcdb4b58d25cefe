/** Sign-in of people to a world's console, with the browser and the Entra of the world. */
import { expect } from 'vitest'
import type { Page } from '../sandbox/browser.ts'
import { app, secrets, tenants } from '../sandbox/personas.ts'
import { PUBLIC_URL, ROOT_KEY, type World } from './harness.ts'
import { bearer } from './keys.ts'
import { type Browser, browserOf, returnFromMicrosoft } from './sign-in.ts'

export const CONSOLE_CALLBACK = `${PUBLIC_URL}/console/callback`

/** Saves settings with which people can sign in to the console, even while the integration is inactive. */
export async function configure(world: World, changes: object = {}): Promise<void> {
  const response = await world.call('PUT', '/v1/integrations/microsoft/settings?confirm=true', {
    client_id: app.clientId,
    credential: {
      type: 'client_secret',
      client_secret: secrets.current,
      expires_at: '2099-01-01T00:00:00Z',
    },
    home_tenant: tenants.contoso.id,
    ...changes,
  })
  expect(response.status).toBe(200)
}

/** Goes to Microsoft and signs in there. Returns the URL that leads back, which is not visited yet. */
export async function callbackOf(world: World, browser: Browser, as: string): Promise<URL> {
  const picker = await browser.visit(`${PUBLIC_URL}/console/sign-in`)
  expect(new URL(picker.url).hostname).toBe('login.microsoftonline.com')
  return world.entra.signIn(picker.url, { as })
}

/** Signs in; returns the page that the person sees in the end. */
export async function visitAs(world: World, browser: Browser, as: string): Promise<Page> {
  return returnFromMicrosoft(browser, await callbackOf(world, browser, as))
}

/** Returns the headers that a page of the console sends with this cookie. */
export const headersWith = (cookie: string): Record<string, string> => ({
  cookie,
  'sec-fetch-site': 'same-origin',
  origin: PUBLIC_URL,
  'content-type': 'application/json',
})

/** Returns the headers that the console of this browser sends. */
export const pageHeaders = async (browser: Browser) =>
  headersWith(await browser.jar.getCookieString(`${PUBLIC_URL}/`))

/** Opens a console session of this key. Returns the headers that its page sends. */
export async function openKeySession(world: World, key = ROOT_KEY) {
  const opened = await world.call('POST', '/console/session', {}, bearer(key))
  expect(opened.status).toBe(201)
  return headersWith(opened.headers.get('set-cookie')?.split(';')[0] ?? '')
}

/** Sends a request as the console of a browser does. */
export type Send = (method: string, path: string, body?: object) => Promise<Response>

/** Signs a person in. Returns how their console sends requests. */
export async function openConsole(world: World, as: string): Promise<Send> {
  const browser = browserOf(world)
  await visitAs(world, browser, as)
  const headers = await pageHeaders(browser)
  return (method, path, body) =>
    world.send(
      new Request(`${PUBLIC_URL}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      }),
    )
}
