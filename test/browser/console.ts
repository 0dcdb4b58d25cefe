/** An admin at the console, and the setup that most tests require. */
import type { Locator, Page } from 'playwright-core'
import type { SandboxFacts } from '../sandbox/facts.ts'
import type { PageOptions } from './browser.ts'
import type { BrowserWorld } from './world.ts'

/** Console error of the session check before the sign-in. */
export const NO_SESSION = /401 \(Unauthorized\).*\/console\/session/

/** Opens a signed-in page that shows `fragment`, such as `#/integrations`. */
export async function openConsole(
  world: BrowserWorld,
  fragment = '#/',
  options: PageOptions = {},
): Promise<Page> {
  const page = await world.newPage(options)
  await page.goto(`${world.urls.api}/console/${fragment}`)
  await signIn(page, world.rootKey)
  await arrived(page)
  return page
}

export async function signIn(form: Page | Locator, key: string): Promise<void> {
  await form.getByLabel('API key').fill(key)
  await form.getByRole('button', { name: 'Sign in' }).click()
}

export async function goTo(page: Page, fragment: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, fragment)
  await arrived(page)
}

/** Waits for the next page, since the console shows the previous one until it is ready. */
export const arrived = (page: Page) =>
  page.locator('main#main:not([aria-busy]) h1').waitFor({ state: 'visible' })

/** Enters the app registration and activates the integration. */
export async function setUpMicrosoft(world: BrowserWorld): Promise<SandboxFacts> {
  const facts = await world.sandbox.facts()
  await world.api.expect(200, 'PUT', '/v1/integrations/microsoft/settings', {
    client_id: facts.client_id,
    credential: { type: 'client_secret', client_secret: facts.client_secret },
    home_tenant: facts.home_tenant,
  })
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
  return facts
}

/** Opens the form of the Microsoft settings, once they are set up. */
export const changeSettings = (page: Page) =>
  page.getByRole('button', { name: 'Change', exact: true }).click()
