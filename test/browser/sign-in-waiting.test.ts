import { expect, it } from 'vitest'
import { openPopup } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { signInAtEntra } from './entra.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

const world = browserWorld({ without: ['third-party'] }, setUpMicrosoft)

it('offers after ten seconds to open the window of a sign-in again that was closed', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.clock.install()
  await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
  const popup = await openPopup(page)
  await page.getByText('Continue in the window that has opened').waitFor()
  await popup.getByRole('radio', { name: ALICE }).waitFor()
  await popup.close()
  expect(await page.getByRole('button', { name: 'Open again' }).count()).toBe(0)
  await page.clock.fastForward(10_000)
  await page.getByRole('status').getByText('Window closed?').waitFor()
  await everyLook(page, 'sign-in-waiting')
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: 'Open again' }).click()
  await signInAtEntra(await opened, ALICE)
  await page.getByText(`Signed in as ${ALICE}`, { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0)
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('offers at once what helps where Microsoft asks for an administrator or shows an error', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
  const popup = await openPopup(page)
  await page.getByText('Microsoft asks for admin approval, or shows an error?').click()
  await page.getByRole('button', { name: 'Copy link for the admin' }).waitFor()
  expect(await page.getByText('/adminconsent?').textContent()).toContain('client_id=')
  await page.getByLabel("Text of Microsoft's page").fill('AADSTS90094: Need admin approval')
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('Only an admin may consent to this app').waitFor()
  await everyLook(page, 'stuck-at-microsoft')
  await popup.close()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('The sign-in was not finished').waitFor()
  expect(await page.getByText('Microsoft asks for admin approval').count()).toBe(1)
  expectClean(page, { consoleErrors: NO_SESSION })
})
