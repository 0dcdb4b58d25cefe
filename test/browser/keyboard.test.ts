import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serverLabel } from './account-form.ts'
import { expectClean } from './checks.ts'
import { NO_SESSION, setUpMicrosoft } from './console.ts'
import { countEffort } from './effort.ts'
import { mayClose } from './entra.ts'
import { choose, enter, focused, follow, tabTo } from './keyboard.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['third-party'] })
})
afterAll(() => world?.stop())

async function signInByKeys(popup: Page): Promise<void> {
  await popup.getByRole('button', { name: 'Next' }).waitFor()
  await tabTo(popup, new RegExp(ALICE))
  await popup.keyboard.press('Space')
  await tabTo(popup, 'Next')
  await popup.keyboard.press('Enter')
  await popup.getByRole('button', { name: 'Accept' }).waitFor()
  await tabTo(popup, 'Accept')
  await mayClose(popup.keyboard.press('Enter'))
}

it('a mailbox is connected for reading and sending, validated and saved without a mouse', async () => {
  const facts = await setUpMicrosoft(world)
  const page = await enter(world, '#/')
  const { clicks } = await countEffort(page.context())
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await follow(page, 'Email accounts', 'Email accounts')
  await follow(page, 'Add email account', 'Add email account')
  await tabTo(page, 'Mailbox')
  await page.keyboard.type(ALICE)
  await tabTo(page, 'Send mail (SMTP)')
  await page.keyboard.press('Space')
  await tabTo(page, 'More settings')
  await page.keyboard.press('Enter')
  await tabTo(page, 'IMAP server')
  const [server] = facts.mail.imap
  if (server) await choose(page, 'IMAP server', serverLabel(server))

  await tabTo(page, 'Get Access Token')
  const opened = page.waitForEvent('popup')
  await page.keyboard.press('Enter')
  const popup = await opened
  const closed = popup.waitForEvent('close')
  await signInByKeys(popup)
  await closed

  await expect.poll(() => focused(page)).toMatchObject({ name: 'Save' })
  await page.keyboard.press('Enter')
  await page.getByText('Saved', { exact: true }).waitFor()
  const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts')
  const works = { username: ALICE, health: 'ok' }
  expect(data).toMatchObject([works, works])
  expect(clicks).toEqual([])
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('the integration is activated and its settings are changed without a mouse', async () => {
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  const facts = await world.sandbox.facts()
  const page = await enter(world, '#/integrations')
  await tabTo(page, 'Activate')
  await page.keyboard.press('Enter')
  await page.getByText('Microsoft is active').waitFor()
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Deactivate' })
  await follow(page, 'Settings', 'Microsoft settings')
  await tabTo(page, 'Change')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Client ID')
  await page.keyboard.type(facts.client_id)
  await tabTo(page, /^In 24 months/)
  await page.keyboard.press('Space')
  await tabTo(page, 'Client secret')
  await page.keyboard.type(facts.client_secret)
  await page.keyboard.press('Enter')
  await page.getByText('Client ID and credential work', { exact: true }).waitFor()
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
