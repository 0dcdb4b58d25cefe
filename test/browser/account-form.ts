/** The account form of the console, as a person fills it in. */
import type { Page } from 'playwright-core'
import type { SandboxServer } from '../sandbox/facts.ts'
import { signInAtEntra } from './entra.ts'

/** Returns the label of a server in the form's list. */
export const serverLabel = ({ host, port, security }: SandboxServer) =>
  `${host}, port ${port}, ${security === 'tls' ? 'TLS' : 'STARTTLS'}`

/** Opens the fields that rarely have to be changed, unless they are open. */
export async function openMore(page: Page): Promise<void> {
  const more = page.locator('details', { has: page.getByText('More settings', { exact: true }) })
  if ((await more.getAttribute('open')) === null) await more.locator('summary').click()
}

/** Opens the mailbox of a form that has folded it. */
export async function changeMailbox(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change account' }).click()
  await openMore(page)
}

/** Clicks "Get Access Token" and returns the popup. */
export async function openPopup(page: Page): Promise<Page> {
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: 'Get Access Token' }).click()
  return opened
}

/** Signs in through the popup, which closes itself, and waits until the form has the token. */
export async function getAccessToken(page: Page, username: string): Promise<void> {
  const popup = await openPopup(page)
  const closed = popup.waitForEvent('close')
  await signInAtEntra(popup, username)
  await closed
  await page.getByRole('button', { name: 'Reset Access Token' }).waitFor()
}

/** Returns the step that says whether the login works. */
export const results = (page: Page) => page.getByRole('region', { name: 'Does it work?' })

/** Waits for the result of a validation, also of one that has followed the sign-in. */
export async function validated(page: Page): Promise<void> {
  await results(page)
    .getByText(/^Validated/)
    .first()
    .waitFor()
}

/** Validates the account and waits for the result. */
export async function validate(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Validate Authentication' }).click()
  await validated(page)
}
