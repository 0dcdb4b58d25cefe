import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { signIn } from '../journeys/sandbox-client.ts'
import { changeMailbox, openMore, validated } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { signInAtEntra } from './entra.ts'
import { focused } from './keyboard.ts'
import { saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

const world = browserWorld({ without: ['third-party'] }, setUpMicrosoft)

it('says what to do where no window can open, and keeps what is typed', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.evaluate(() => {
    window.open = () => null
  })
  await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
  await page.getByRole('button', { name: 'Get Access Token' }).click()
  await page.getByText('Your browser has blocked the window').waitFor()
  await page.getByText('send a link instead. You can open that link in a new tab').waitFor()
  expect(await page.getByLabel('Mailbox', { exact: true }).inputValue()).toBe(ALICE)
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('leads to the first field that is wrong, and stays where something is typed then', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await openMore(page)
  await page.getByLabel('IMAP server').selectOption({ label: 'Another server' })
  await page.getByLabel('Host').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Mailbox' })
  await page.getByText('Enter the mailbox.').waitFor()
  await page.getByText('Sign in first with "Get Access Token".').waitFor()
  await everyLook(page, 'refused-account')
  await page.getByLabel('Host').focus()
  await page.keyboard.type('mail')
  await expect.poll(() => page.getByText('Enter the host.').count()).toBe(0)
  expect(await page.getByLabel('Host').inputValue()).toBe('mail')
  expect(await page.getByText('Enter the mailbox.').isVisible()).toBe(true)
  expectClean(page, { consoleErrors: NO_SESSION })
})

/** Sends a link in place of a sign-in, and returns it. */
async function sendLink(page: Page, person: string): Promise<string> {
  await page.getByRole('button', { name: 'Send a link instead' }).click()
  await page.getByText(`Send this link to ${person}`).waitFor()
  return linkOf(page)
}

const linkOf = async (page: Page) =>
  (await page.locator('.copy > span', { hasText: '/oauth/' }).textContent()) ?? ''

/** Makes the page reload its data, as when a person returns to its window. */
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')))

it('sends a link in place of a sign-in, whose message says what its reader must know', async () => {
  const carol = 'carol@contoso.test'
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.getByRole('button', { name: 'Send a link instead' }).click()
  await page.getByText('Enter the mailbox.').waitFor()
  await page.getByLabel('Mailbox', { exact: true }).fill(carol)
  const first = await sendLink(page, carol)
  const message = page.getByLabel('message', { exact: true })
  await message.getByText(first).waitFor()
  await everyLook(page, 'link-to-send')
  await page.getByLabel('Message language').selectOption('Deutsch')
  await message.getByText('Geben Sie Ihr Kennwort nur dort ein').waitFor()
  const mail = await page.getByRole('link', { name: 'Write the email' }).getAttribute('href')
  expect(mail).toMatch(/^mailto:carol%40contoso\.test\?subject=Bitte/)

  await page.getByLabel('The link works for').selectOption('3 days')
  await expect.poll(() => linkOf(page)).not.toBe(first)
  const { data } = await world.api.expect(200, 'GET', `/v1/authorizations?username=${carol}`)
  expect(data).toMatchObject([{ status: 'pending', sent: true }, { status: 'failed' }])
  const [sent] = data as Record<string, string>[]
  expect(Date.parse(`${sent?.expires_at}`) - Date.parse(`${sent?.created_at}`)).toBe(3 * 86_400_000)

  await signIn(await linkOf(page), carol, world.api)
  await comeBack(page)
  await validated(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('reconnects and deletes a saved account', async () => {
  const { disconnected } = await saveMailboxes(world)
  const page = await openConsole(world, `#/mailboxes/${disconnected}`)
  await sendLink(page, 'erin@contoso.test')
  await page.getByText('Then the mailbox is connected again.').waitFor()
  await everyLook(page, 'link-to-reconnect')

  // The fields keep what was typed until it is known that the person has signed in with the link.
  const completed = { status: 'completed', grant: { id: 'gr_1' } }
  await page.route('**/v1/authorizations/*', (route) => route.fulfill({ json: completed }))
  await changeMailbox(page)
  await page.getByLabel('Name (optional)').fill('Erin')
  await comeBack(page)
  await page.getByText('erin@contoso.test has signed in.').waitFor()
  await page.getByRole('button', { name: 'Show the mailbox again' }).waitFor()
  await page.unroute('**/v1/authorizations/*')
  await page.getByLabel('Name (optional)').fill('')
  await page.getByRole('button', { name: 'Cancel the link' }).click()
  await expect.poll(() => page.getByText('Send this link to').count()).toBe(0)
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: 'Reconnect' }).click()
  await signInAtEntra(await opened, 'erin@contoso.test')
  await page.getByText('Not saved yet').waitFor()
  await page.getByRole('button', { name: 'Reset Access Token' }).click()
  await page.getByRole('button', { name: 'Keep it' }).click()
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Reset Access Token' })

  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete erin@contoso.test?' })
  await dialog.getByText('a sign-in that nothing else uses, are deleted too.').waitFor()
  await everyLook(page, 'deleting-account')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('heading', { level: 1, name: 'Mailboxes' }).waitFor()
  await page.getByText('erin@contoso.test is deleted.').waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})
