/** A person on the pages of the simulated Entra. */
import type { Page } from 'playwright-core'

/** Picks the account. For mallory and dave the sign-in stops here, on a page of Entra. */
export async function pickAccount(page: Page, username: string): Promise<void> {
  await page.getByRole('radio', { name: username }).check()
  await mayClose(page.getByRole('button', { name: 'Next' }).click())
}

/** Waits for a click or key that may close its own page. Playwright reports a close before its end as a failure. */
export async function mayClose(act: Promise<void>): Promise<void> {
  await act.catch((error: Error) => {
    if (!error.message.includes('has been closed')) throw error
  })
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
  if (await Promise.any([asked, gone.then(() => false)])) await mayClose(accept.click())
}
