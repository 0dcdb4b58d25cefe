import { expect, it } from 'vitest'
import type { SandboxFacts } from '../sandbox/facts.ts'
import { openMore, validate } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { goTo, openConsole, setUpMicrosoft } from './console.ts'
import { browserWorld } from './world.ts'

const SHARED = 'support@contoso.test'

let facts: SandboxFacts
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  facts = await setUpMicrosoft(world)
})

it('saves an app-only account and links to what Exchange requires', async () => {
  const page = await openConsole(world, '#/integrations/microsoft')
  await page.getByText('App registration at Microsoft').click()
  await page.getByText('Only for app-only access').click()
  const ways = page.getByRole('group').filter({ hasText: 'Only for app-only access' })
  const script = ways.getByText('$appId = ').first()
  expect(await script.textContent()).toContain(facts.client_id)
  await ways.getByRole('link', { name: 'Do it by hand' }).waitFor()
  await everyLook(page, 'app-only-scripts')

  await goTo(page, '#/mailboxes/new?protocols=imap')
  await page.getByLabel('Mailbox', { exact: true }).fill(SHARED)
  await openMore(page)
  const kind = page.getByLabel('Authentication', { exact: true })
  await kind.selectOption({ label: 'OAuth (app-only)' })
  const tenant = page.getByLabel('Tenant', { exact: true })
  expect(await tenant.inputValue()).toBe(facts.home_tenant)
  for (const name of ['Get Access Token', 'Who signs in (optional)']) {
    expect(await page.getByText(name, { exact: true }).isVisible(), name).toBe(false)
  }
  await page.getByRole('link', { name: 'What an administrator has to do once' }).waitFor()
  await everyLook(page, 'app-only-form')

  await tenant.fill('common')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('must be a single tenant').waitFor()
  await tenant.fill('contoso.test')

  await world.sandbox.control({ exchange: { tenant: 'contoso.test', registered: false } })
  await validate(page)
  await page.getByText('Exchange Online does not know the app').first().waitFor()
  await world.sandbox.control({ exchange: { tenant: 'contoso.test', registered: true } })
  await validate(page)
  await page.getByText('It works').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  await page.getByText('Works', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: /401|422/ })

  const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts?protocol=imap')
  expect(data).toMatchObject([
    {
      username: SHARED,
      health: 'ok',
      authentication: { flow: 'app_only', tenant: 'contoso.test' },
    },
  ])
})

it('asks for the right to app-only tokens where a limited key would get none, and marks the key', async () => {
  const page = await openConsole(world, '#/api-keys/new')
  await page.getByLabel('Name', { exact: true }).fill('App-only worker')
  const right = page.getByRole('checkbox', {
    name: 'Let this key fetch the access tokens of app-only accounts',
  })
  await page.getByRole('checkbox', { name: 'Fetch access tokens' }).check()
  expect(await right.isVisible()).toBe(false)
  await page
    .getByLabel('Email accounts', { exact: true })
    .selectOption({ label: 'Only selected ones' })
  await page.getByRole('checkbox', { name: `${SHARED}, reading mail` }).check()
  await right.check()
  await everyLook(page, 'api-key-form-app-only')
  await page.getByRole('button', { name: 'Create API key' }).click()
  await page.getByText(/^mg_key_/).waitFor()
  await page.getByRole('button', { name: 'Copy API key' }).click()
  await page.getByRole('link', { name: 'All API keys' }).click()
  const row = page.getByRole('row', { name: 'App-only worker' })
  await row.getByText('Can also fetch app-only tokens').waitFor()
  expectClean(page, { consoleErrors: /401/ })
  const { data } = await world.api.expect(200, 'GET', '/v1/api-keys')
  expect(data).toMatchObject([{ name: 'App-only worker', app_only: true }])
})
