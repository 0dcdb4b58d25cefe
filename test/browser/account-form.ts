/** The account form of the console, as a person fills it in. */
import type { Page } from 'playwright-core'
import type { SandboxServer } from '../sandbox/facts.ts'
import { signInAtEntra } from './entra.ts'

/** Returns the label of a server in the form's list. */
export const serverLabel = ({ host, port, security }: SandboxServer) =>
  `${host}, port ${port}, ${security === 'tls' ? 'TLS' : 'STARTTLS'}`

export async function chooseServer(page: Page, server: SandboxServer): Promise<void> {
  await page.getByLabel('Server', { exact: true }).selectOption({ label: serverLabel(server) })
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

/** Validates the account and waits for the result. */
export async function validate(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Validate Authentication' }).click()
  await page.getByRole('list', { name: 'Steps of the login' }).waitFor()
}
