/** Journeys through the console without a mouse, each from its page to the result. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { secrets } from '../sandbox/personas.ts'
import { everyLook, expectClean } from './checks.ts'
import { arrived, NO_SESSION } from './console.ts'
import {
  choose,
  enter,
  expectFocus,
  focused,
  follow,
  press,
  tabTo,
  toKeyField,
} from './keyboard.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { startReceiver } from './receiver.ts'
import { browserWorld } from './world.ts'

const allowed = { consoleErrors: NO_SESSION }

let saved: Mailboxes
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  saved = await saveMailboxes(world)
})

it('an account is changed, and deleted after a question that Escape answers with no', async () => {
  const { id } = await world.api.expect(201, 'POST', '/v1/mail-accounts', {
    owner: { type: 'department', id: 'Sales' },
    protocol: 'imap',
    host: 'mail.example.org',
    username: 'sales@example.org',
    authentication: { type: 'password', password: 'a mailbox password' },
  })
  const page = await enter(world, `#/mailboxes/${id}`)
  await press(page, 'Change account')
  await expectFocus(page, 'Mailbox')
  await press(page, 'More settings')
  await tabTo(page, 'Name (optional)')
  await page.keyboard.type('Help desk')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Help desk' }).waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()
  await expectFocus(page, /./)

  await press(page, 'Delete')
  await expectFocus(page, 'Cancel')
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await expectFocus(page, 'Delete')
  await page.keyboard.press('Enter')
  await expectFocus(page, 'Cancel')
  await page.keyboard.press('Shift+Tab')
  await expectFocus(page, 'Delete')
  await page.keyboard.press('Enter')
  await page.getByText('sales@example.org is deleted.').waitFor()
  await expectFocus(page, 'Mailboxes')
  expectClean(page, allowed)
})

describe('a list', () => {
  it('is searched, filtered and validated, and cleared of its filters', async () => {
    const page = await enter(world, '#/mailboxes')
    await tabTo(page, 'Find a mailbox')
    await page.keyboard.type('contoso')
    await tabTo(page, 'Owner')
    await choose(page, 'Owner', 'Support')
    await expectFocus(page, 'Owner')
    await tabTo(page, 'Validate all', 120)
    await page.keyboard.press('Enter')
    await page.getByText('3 of 3 validated: 1 passed, 2 failed.').waitFor()
    await expectFocus(page, 'Validate all')

    await tabTo(page, 'Find a mailbox', 120)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('nothing like this')
    await page.getByText('No mailbox matches.').waitFor()
    await everyLook(page, 'mailboxes-none-found')
    await press(page, 'Clear filters')
    await page.getByText('3 mailboxes', { exact: true }).waitFor()
    await expectFocus(page, 'Mailboxes')
    expect(await page.getByLabel('Find a mailbox').inputValue()).toBe('')
    expectClean(page, allowed)
  })

  it('keeps the focus near "Stop" and "Try again" when they have done their work', async () => {
    const page = await enter(world, '#/mailboxes')
    const held = Promise.withResolvers<void>()
    await page.route('**/v1/mail-accounts/*/validate', async (route) => {
      await held.promise
      await route.continue()
    })
    await press(page, 'Validate all')
    await page.getByText(/^0 of 4 validated/).waitFor()
    await press(page, 'Stop')
    held.resolve()
    await page.getByText(/^3 of 4 validated/).waitFor()
    await expectFocus(page, /./)

    await page.route('**/v1/**', (route) => route.abort())
    await page.evaluate(() => dispatchEvent(new Event('focus')))
    await page.getByText('Could not refresh, last updated at').waitFor()
    expect(await page.getByRole('rowheader').count()).toBe(3)
    await everyLook(page, 'mailboxes-stale')
    await tabTo(page, 'Try again')
    await page.unroute('**/v1/**')
    await page.keyboard.press('Enter')
    await page.getByText('Could not refresh').waitFor({ state: 'detached' })
    await expectFocus(page, 'Mailboxes')
  })
})

it('an API key is created, copied and revoked', async () => {
  const page = await enter(world, '#/api-keys')
  await follow(page, 'Create API key', 'Create API key')
  await tabTo(page, 'Name')
  await page.keyboard.type('Monitor')
  await page.keyboard.press('Enter')
  await page.getByText('Choose at least one.').waitFor()
  await expectFocus(page, 'Fetch access tokens')
  await press(page, 'Read', 'Space')
  await page.keyboard.press('Enter')
  await expectFocus(page, /^API key "Monitor" created/)
  await press(page, 'Copy API key')
  await page.getByText('Copied', { exact: true }).waitFor()
  await expectFocus(page, 'Copy API key')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^mg_key_/)
  await follow(page, 'All API keys', 'API keys')

  await press(page, 'Revoke Monitor')
  await expectFocus(page, 'Cancel')
  await page.keyboard.press('Enter')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await expectFocus(page, 'Revoke Monitor')
  await page.keyboard.press('Enter')
  await expectFocus(page, 'Cancel')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText('"Monitor" no longer works.').waitFor()
  await expectFocus(page, 'API keys')
  expectClean(page, allowed)
})

it('a mailbox gets an API key, and shows a program in another language', async () => {
  const page = await enter(world, `#/mailboxes/${saved.works}`)
  await press(page, 'Create API key')
  await expectFocus(page, /^API key created/)
  await press(page, 'Copy API key')
  await tabTo(page, 'curl')
  await page.keyboard.press('ArrowRight')
  await expectFocus(page, 'Python')
  await press(page, 'Copy token.py')
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain(`/v1/mail-accounts/${saved.works}/access-token`)
  expectClean(page, allowed)
})

it('a webhook is added, tested, switched off and deleted', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => void receiver.stop())
  const page = await enter(world, '#/webhooks')
  await follow(page, 'Add webhook', 'Add webhook')
  await tabTo(page, 'URL')
  await page.keyboard.type('https://10.0.0.1/hooks')
  await page.keyboard.press('Enter')
  await page.getByText('Must contain a host name, not an IP address').waitFor()
  await expectFocus(page, 'URL')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(receiver.url)
  await tabTo(page, 'Name (optional)')
  await page.keyboard.type('Pager')
  await page.keyboard.press('Enter')
  await expectFocus(page, /^Webhook added/)
  await press(page, 'Copy signing secret')
  await follow(page, 'Open and test it', 'Pager')

  await press(page, 'Send test message')
  await page.getByText('The receiver responded with 204.').first().waitFor()
  // The page follows the message until it was tried, and would ask for it after the deletion.
  await page.getByText(/^Sending/).waitFor({ state: 'detached' })
  await expectFocus(page, 'Send test message')

  await press(page, 'Switch off')
  await page.getByRole('status').getByText('Off', { exact: true }).waitFor()
  await expectFocus(page, 'Switch on')
  await press(page, 'Delete')
  await expectFocus(page, 'Cancel')
  await everyLook(page, 'deleting-webhook')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText('no longer receives messages').waitFor()
  expect((await world.api.expect(200, 'GET', '/v1/webhooks')).data).toEqual([])
  await expectFocus(page, 'Alerts and webhooks')
  expectClean(page, { consoleErrors: /401|422/ })
})

it('an error is diagnosed, and the first of several causes is open', async () => {
  const page = await enter(world, '#/diagnosis')
  await tabTo(page, 'Error text')
  await page.keyboard.type('535 5.7.139 SmtpClientAuthentication is disabled for the Tenant.')
  await press(page, 'Diagnose')
  await page.getByRole('region', { name: 'Diagnosis' }).waitFor()
  await expectFocus(page, 'Diagnose')
  await everyLook(page, 'diagnosis')
  await tabTo(page, 'All known causes')

  await page.getByLabel('Error text').fill('A1 NO AUTHENTICATE failed.')
  await press(page, 'Diagnose')
  await page.getByText('How to tell them apart').waitFor()
  await everyLook(page, 'diagnosis-ambiguous')
  const [first, second] = await page.locator('summary', { hasText: '% likely' }).all()
  const isOpen = (cause = first) =>
    cause?.evaluate(({ parentElement: each }) => each?.matches('[open]'))
  expect(await isOpen()).toBe(true)
  expect(await isOpen(second)).toBe(false)
  await second?.focus()
  await page.keyboard.press('Enter')
  expect(await isOpen(second)).toBe(true)
  expectClean(page, allowed)
})

describe('the overview', () => {
  const read = (id: string) => world.api.expect(200, 'GET', `/v1/mail-accounts/${id}`)

  it('keeps the focus when "Validate all" is done and gone, and leads to where it is activated', async () => {
    const { host, port, security } = await read(saved.outgoing)
    const { username, grant } = await read(saved.fails)
    const { id: grant_id } = grant as { id: string }
    await world.api.expect(201, 'POST', '/v1/mail-accounts', {
      ...{ protocol: 'smtp', host, port, security, username },
      owner: { type: 'brand', id: 'Never tried' },
      authentication: { type: 'oauth', provider: 'microsoft', grant_id },
    })
    await world.api.expect(204, 'DELETE', `/v1/mail-accounts/${saved.fails}`)
    const page = await enter(world, '#/')
    await press(page, 'Validate all')
    await page.getByText('Not validated yet').waitFor({ state: 'detached' })
    await expectFocus(page, /^Working/)
    await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
    await page.reload()
    await arrived(page)
    await page.getByText('Microsoft is inactive').waitFor()
    await everyLook(page, 'inbox-inactive')
    await press(page, 'Activate it')
    await page.getByRole('button', { name: 'Activate' }).waitFor()
    expectClean(page, allowed)
  })
})

it('the Microsoft settings are opened, cancelled, set up again and left half-way', async () => {
  const page = await enter(world, '#/integrations/microsoft')
  await press(page, 'Change')
  await expectFocus(page, /^One organisation/)
  await press(page, 'Cancel')
  await expectFocus(page, 'Change')
  await press(page, 'Set up again')
  await expectFocus(page, 'Set up Microsoft')
  await press(page, 'Next')
  await expectFocus(page, 'Register the app')
  await press(page, 'Back')
  await expectFocus(page, 'Choose the mailboxes')
  await press(page, 'Cancel')
  await expectFocus(page, 'Microsoft settings')
  await press(page, 'Let administrators consent')
  await press(page, 'Link for an administrator')
  await page.getByText('Send this link to your Microsoft 365 admin').waitFor()
  await expectFocus(page, /./)
  expectClean(page, allowed)
})

describe('the session', () => {
  it('is renewed in a dialog, which gives the focus back', async () => {
    const page = await enter(world, '#/integrations/microsoft')
    await page.context().clearCookies()
    await press(page, 'Verify now')
    const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
    await dialog.waitFor()
    await toKeyField(page)
    await page.keyboard.type('mg_wrong')
    await page.keyboard.press('Enter')
    await dialog.getByText('This API key does not work').waitFor()
    await expectFocus(page, 'API key')
    await page.keyboard.type(world.rootKey)
    await page.keyboard.press('Enter')
    await page.getByText('The client ID and credential work', { exact: true }).waitFor()
    await expectFocus(page, 'Verify now')
    expectClean(page, { consoleErrors: /401/ })
  })
})

it('the credential is rotated', async () => {
  const page = await enter(world, '#/integrations/microsoft')
  await press(page, 'Rotate the credential')
  await press(page, 'Add next credential')
  await expectFocus(page, 'Next client secret')
  await page.keyboard.type('a-secret-of-another-app')
  await tabTo(page, 'Expiry date')
  await page.keyboard.type('01312028')
  await page.keyboard.press('Enter')
  await expectFocus(page, /^Next credential added/)
  await press(page, 'Verify it')
  await page.getByText('The client ID and credential do not work').waitFor()
  await expectFocus(page, 'Verify it')
  expect(await page.content()).not.toContain('a-secret-of')
  await press(page, 'Delete')
  await everyLook(page, 'deleting-credential')
  await expectFocus(page, 'Cancel')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await expectFocus(page, 'Next credential deleted')

  await tabTo(page, 'Next client secret', 120)
  await page.keyboard.type(secrets.next)
  await tabTo(page, 'Expiry date')
  await page.keyboard.type('01312028')
  await page.keyboard.press('Enter')
  await expectFocus(page, /^Next credential added/)
  await press(page, 'Verify it')
  await page.getByText('The client ID and credential work').waitFor()
  await press(page, 'Promote')
  await page.getByRole('dialog').waitFor()
  await expectFocus(page, 'Promote')
  await page.keyboard.press('Enter')
  await expectFocus(page, /^The new credential is in use/)
  expectClean(page, allowed)
})

it('the integration is activated without a mouse', async () => {
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  const page = await enter(world, '#/integrations')
  await tabTo(page, 'Activate')
  await page.keyboard.press('Enter')
  await page.getByText('Microsoft is active').waitFor()
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Deactivate' })
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('the first focus stop skips the navigation', async () => {
  const page = await enter(world, '#/events')
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
  await tabTo(page, 'Skip to content', 1)
  await page.keyboard.press('Enter')
  const [stop] = await tabTo(page, /./, 1)
  expect(stop).toMatchObject({ inMain: true })
})
