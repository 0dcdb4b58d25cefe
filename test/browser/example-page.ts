/** The example page of a third party and its popup. */
import type { Page } from 'playwright-core'
import type { PageOptions } from './browser.ts'
import { setUpMicrosoft } from './console.ts'
import { pickAccount } from './entra.ts'
import type { BrowserWorld } from './world.ts'

type ExampleOptions = PageOptions & {
  /** True to block all popups. */
  blocked?: boolean
}

export async function openExample(world: BrowserWorld, options: ExampleOptions = {}) {
  const page = await world.newPage(options)
  if (options.blocked) await page.addInitScript('window.open = () => null')
  await page.goto(world.urls.thirdParty)
  return page
}

export async function fillIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('Mailbox address').fill(username)
}

/** Presses the button and returns the popup once it shows the interstitial. */
export async function pressConnect(page: Page): Promise<Page> {
  return popupOf(page, () => page.getByRole('button', { name: 'Connect mailbox' }).click())
}

export async function popupOf(page: Page, press: () => Promise<void>): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), press()])
  await popup.getByRole('button', { name: 'Continue to Microsoft' }).waitFor()
  return popup
}

/** Sets up the integration with consent for the whole organisation, so that no sign-in asks for it. */
export async function setUpConsented(world: BrowserWorld): Promise<void> {
  await setUpMicrosoft(world)
  await consentOfContoso(world, true)
}

export const consentOfContoso = (world: BrowserWorld, granted: boolean) =>
  world.sandbox.control({ tenant_consent: { tenant: 'contoso.test', granted } })

/** Continues from the interstitial through a sign-in without a consent page. */
export async function signInAt(window: Page, username: string): Promise<void> {
  await window.getByRole('button', { name: 'Continue to Microsoft' }).click()
  await pickAccount(window, username)
}

export async function finishIn(popup: Page, username: string): Promise<void> {
  await Promise.all([popup.waitForEvent('close'), signInAt(popup, username)])
}

export const resultOf = (page: Page) => page.getByRole('status').filter({ hasText: 'onnected' })

/** The dialog that `connect` shows while it waits. */
export const waitingBox = (page: Page) =>
  page.getByRole('dialog', { name: 'Waiting for the sign-in at Microsoft' })
