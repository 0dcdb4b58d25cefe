/** The pages of the simulated Entra, as a person clicks through them. */
import type { Page } from 'playwright-core'

/** Picks the account. Dead ends (mallory, dave) stop here, on a page of Entra. */
export async function pickAccount(page: Page, username: string): Promise<void> {
  await page.getByRole('radio', { name: username }).check()
  await page.getByRole('button', { name: 'Next' }).click()
}

/**
 * Signs in, and consents where Entra asks: it remembers who has. After it the page is on its way to
 * the product, or already closed.
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
