/** Alerts to Slack and by email: set up in the console, and received by a real server for each. */
import { afterAll, expect, it } from 'vitest'
import { ALICE, createAdmin } from '../journeys/admin.ts'
import { countInbox } from '../journeys/imap-login.ts'
import { everyLook, expectClean } from './checks.ts'
import { goTo, NO_SESSION, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { browserWorld } from './world.ts'

let slack: Receiver
let mailboxes: Mailboxes
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  slack = await startReceiver()
  slack.response.status = 200
  mailboxes = await saveMailboxes(world)
})
afterAll(() => slack?.stop())

/** Counts the messages of her inbox, over IMAP. */
async function inboxOfAlice(): Promise<number> {
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()
  return countInbox(await admin.issueToken(mailboxes.works), admin.facts().ca)
}

it('Slack is set up with a URL that is not shown again, and gets a test message', async () => {
  const page = await openConsole(world, '#/webhooks/new')
  await page.getByRole('radio', { name: 'Slack' }).check()
  await everyLook(page, 'alert-slack')
  await page.getByLabel('Slack webhook URL').fill(slack.url)
  await page.getByLabel('Name (optional)').fill('On call')
  await page.getByRole('button', { name: 'Add alert channel' }).click()
  await page.getByRole('heading', { level: 1, name: 'On call' }).waitFor()
  expect(await page.content()).not.toContain(slack.url)
  await page.getByRole('button', { name: 'Send test message' }).click()
  await page.getByRole('status').getByText('The receiver responded with 200.').waitFor()
  expect(JSON.parse(slack.last().body).text).toContain('this is a test message')
  await everyLook(page, 'alert-slack-page')
  await page.getByLabel('Name (optional)').fill('On call, day and night')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('a Slack URL is refused for Teams by name', async () => {
  const page = await openConsole(world, '#/webhooks/new')
  await page.getByRole('radio', { name: 'Microsoft Teams' }).check()
  await page.getByLabel('Teams webhook URL').fill('https://hooks.slack.com/services/T0/B0/x')
  await page.getByRole('radio', { name: 'Choose' }).check()
  await page.getByRole('checkbox', { name: 'A new sign-in is required' }).uncheck()
  await page.getByRole('button', { name: 'Add alert channel' }).click()
  await page.getByText('is for "slack" (hooks.slack.com)').waitFor()
  await everyLook(page, 'alert-teams')
})

it('email is sent through an account of the operator, and warns of what it cannot report', async () => {
  const page = await openConsole(world, '#/webhooks/new')
  await page.getByRole('radio', { name: 'Email' }).check()
  await page.getByLabel('Send to').fill(ALICE)
  await page.getByRole('button', { name: 'Add alert channel' }).click()
  await page.getByText('Choose a mailbox.').waitFor()
  await page.getByLabel('Send from').selectOption({ value: mailboxes.outgoing })
  await everyLook(page, 'alert-email')
  await page.getByRole('button', { name: 'Add alert channel' }).click()
  await page.getByRole('heading', { level: 1, name: ALICE }).waitFor()
  await page.getByText('Nothing is sent about its own sign-in').waitFor()
  const before = await inboxOfAlice()
  await page.getByRole('button', { name: 'Send test message' }).click()
  await page.getByRole('status').getByText('The mail server accepted it.').waitFor()
  expect(await inboxOfAlice()).toBe(before + 1)
  await everyLook(page, 'alert-email-page')
  await goTo(page, '#/webhooks')
  await page.getByRole('row', { name: 'On call, day and night' }).getByText('Slack').waitFor()
  await everyLook(page, 'alert-channels')
  expectClean(page, { consoleErrors: NO_SESSION })
})
