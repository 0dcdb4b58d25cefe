import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createAdmin } from '../journeys/admin.ts'
import type { SandboxFacts } from '../sandbox/facts.ts'
import { everyLook, expectClean } from './checks.ts'
import { changeSettings, goTo, NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { focused, tabTo } from './keyboard.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'
const PAGE = '#/integrations/microsoft'
const SETTINGS = '/v1/integrations/microsoft/settings'
const OTHER_APP = '00000000-0000-4000-8000-000000000001'

let facts: SandboxFacts
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  facts = await setUpMicrosoft(world)
})

const stored = () => world.api.expect(200, 'GET', SETTINGS)
const form = (page: Page) => page.getByRole('form', { name: 'Microsoft settings' })
const save = (page: Page) => form(page).getByRole('button', { name: 'Save' }).click()
const field = (page: Page, label: string) => form(page).getByLabel(label, { exact: true })

it('a save that comes second loses nothing on either side', async () => {
  const page = await openConsole(world, PAGE)
  await changeSettings(page)
  await field(page, 'Directory (tenant) ID or domain').fill('fabrikam.test')
  await field(page, 'Client secret').fill('a-secret-that-is-not-saved-yet')
  await field(page, 'Expiry date').fill('2028-01-31')
  await world.api.expect(200, 'PUT', SETTINGS, {
    client_id: facts.client_id,
    home_tenant: 'adatum.test',
    tenant: 'organizations',
  })
  await save(page)
  await page.getByText('These settings were changed in the meantime').waitFor()
  await everyLook(page, 'microsoft-overtaken')
  expect(await stored()).toMatchObject({ home_tenant: 'adatum.test' })

  expect(await field(page, 'Directory (tenant) ID or domain').inputValue()).toBe('fabrikam.test')
  expect(await field(page, 'Client secret').inputValue()).toBe('a-secret-that-is-not-saved-yet')
  expect(await form(page).getByLabel('Several organisations').isChecked()).toBe(true)

  await save(page)
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await stored()).toMatchObject({ home_tenant: 'fabrikam.test', tenant: 'organizations' })
  expectClean(page, { consoleErrors: /401|412/ })
})

it('asks before a change that disconnects mailboxes', async () => {
  await setUpMicrosoft(world)
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()
  const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
  await admin.save(admin.account('imap', admin.grantIdOf(state)))
  const page = await openConsole(world, PAGE)
  await changeSettings(page)
  await field(page, 'Client ID').fill(OTHER_APP)
  await save(page)
  await form(page).getByText('requires its own client secret').waitFor()
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Client secret' })
  await field(page, 'Client secret').fill('a-secret-of-the-other-app')
  await field(page, 'Expiry date').fill('2028-01-31')
  await save(page)
  const dialog = page.getByRole('dialog', { name: 'Disconnect 1 sign-in?' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await stored()).toMatchObject({ client_id: facts.client_id })
  await save(page)
  await dialog.getByRole('button', { name: 'Save and disconnect' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await stored()).toMatchObject({ client_id: OTHER_APP })
  expectClean(page, { consoleErrors: /401|409|422/ })
})

it('the first of several wrong fields takes the focus, and keeps it while it is corrected', async () => {
  const page = await openConsole(world, PAGE)
  await changeSettings(page)
  await field(page, 'Client ID').fill('the name of the app')
  await field(page, 'Directory (tenant) ID or domain').fill('no domain')
  await save(page)
  await page.getByText('Copy it from Entra').waitFor()
  const tenant = 'Directory (tenant) ID or domain'
  await expect.poll(() => focused(page)).toMatchObject({ name: tenant })
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('contoso.test')
  expect(await field(page, tenant).inputValue()).toBe('contoso.test')
  expect(await field(page, 'Client ID').inputValue()).toBe('the name of the app')
  expectClean(page, { consoleErrors: /401|422/ })
})

it('asks before typed changes are left', async () => {
  const page = await openConsole(world, PAGE)
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.message())
    return dialog.dismiss()
  })
  await page.getByText('Rotate the credential', { exact: true }).click()
  await page.getByLabel('Next client secret').fill('typed')
  await page.getByRole('link', { name: 'Webhooks' }).click()
  await expect.poll(() => asked).toHaveLength(1)
  await expect.poll(() => page.url()).toContain(PAGE)
  expect(await page.getByLabel('Next client secret').inputValue()).toBe('typed')
  await page.getByLabel('Next client secret').fill('')
  await goTo(page, '#/webhooks')
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
  expect(asked).toEqual(['The changes to the Microsoft settings are not saved. Leave this page?'])
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('a script is scrolled by keyboard', async () => {
  const page = await openConsole(world, PAGE)
  await tabTo(page, 'App registration at Microsoft')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Azure CLI')
  await page.keyboard.press('ArrowRight')
  await tabTo(page, 'PowerShell script')
  await page.keyboard.press('End')
  const script = page.getByLabel('PowerShell script', { exact: true })
  await expect.poll(() => script.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(0)
  expectClean(page, { consoleErrors: NO_SESSION })
})
