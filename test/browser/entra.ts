/** A person on the pages of the simulated Entra. */
import type { Page } from 'playwright-core'

/** Picks the account. For mallory and dave the sign-in stops here, on a page of Entra. */
export async function pickAccount(page: Page, username: string): Promise<void> {
  await page.getByRole('radio', { name: username }).check()
  await page.getByRole('button', { name: 'Next' }).click()
}

/**
 * Signs in, and consents if Entra asks, which it does once per person. Afterwards the page is on its way
 * back to the product, or already closed.
 */
export async function signInAtEntra(page: Page, username: string): Promise<void> {
  await page.getByRole('radio', { name: username }).waitFor()
  const entra = new URL(page.url()).origin
  const gone = Promise.any([
    page.waitForURL(({ origin }) => origin !== entra, { waitUntil: 'commit' }),
    page.waitForEvent('close'),
  ])
  const accept = page.getByRole('button', { name: 'Accept' })
  await pickAccount(page, username)
  const asked = accept.waitFor().then(() => true)
  if (await Promise.any([asked, gone.then(() => false)])) await accept.click()
}
