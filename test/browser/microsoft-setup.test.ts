import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { secrets } from '../sandbox/cast.ts'
import type { SandboxFacts } from '../sandbox/facts.ts'
import { getAccessToken } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { arrived, NO_SESSION, openConsole } from './console.ts'
import { countEffort, describeEffort } from './effort.ts'
import { focused, tabTo } from './keyboard.ts'
import { browserWorld } from './world.ts'

const PAGE = '#/integrations/microsoft'
const SETTINGS = '/v1/integrations/microsoft/settings'
const ALICE = 'alice@contoso.test'

let facts: SandboxFacts
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  facts = await world.sandbox.facts()
})

const settings = () => world.api.expect(200, 'GET', SETTINGS)
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 2, name }).waitFor()

async function openValues(page: Page): Promise<void> {
  await press(page, 'Next: enter the values')
  await heading(page, 'Enter client ID and credential')
}

async function startAgain(page: Page): Promise<void> {
  await press(page, 'Set up again')
  await openValues(page)
}

describe('before anything is set up', () => {
  it('takes 8 clicks and 3 typed fields to a validated and saved mailbox, with those of Microsoft', async () => {
    // Granted in Entra at the end of the registration, so that no mailbox is asked for consent.
    await world.sandbox.control({ tenant_consent: { tenant: 'contoso.test', granted: true } })
    const page = await openConsole(world)
    const effort = await countEffort(page.context())
    await page.reload()
    await arrived(page)
    const started = Date.now()
    await page.getByRole('link', { name: 'Start' }).click()
    await heading(page, 'Register the app')
    await openValues(page)
    await field(page, 'Client ID').fill(facts.client_id)
    await field(page, 'Client secret').fill(facts.client_secret)
    await page.getByLabel('In 24 months').check()
    await press(page, 'Save and check')
    await page.getByRole('link', { name: 'Connect the first mailbox' }).click()
    await field(page, 'Mailbox').fill(ALICE)
    await getAccessToken(page, ALICE)
    await press(page, 'Save')
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.getByText('It works, and stays connected for reading mail.').waitFor()
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    const { clicks, typed } = effort
    console.log(`From nothing to a saved mailbox in ${seconds} s: ${describeEffort(effort)}`)
    expect(typed).toHaveLength(3)
    expect(clicks.length).toBeGreaterThan(4)
    expect(clicks.length).toBeLessThanOrEqual(8)
    expect(await world.api.expect(200, 'GET', '/v1/mail-accounts')).toMatchObject({
      data: [{ username: ALICE, health: 'ok' }],
    })
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

describe('the setup', () => {
  it('shows each screen in every look, keeps a draft on the way back, and never a secret in the address or storage', async () => {
    const page = await openConsole(world, PAGE)
    await press(page, 'Set up again')
    await heading(page, 'Register the app')
    await everyLook(page, 'setup-register')
    // The next screen has the credentials, each with its steps.
    expect(await page.getByText('Choose how the app proves its identity').count()).toBe(0)
    await page.getByText('Quicker: run a script instead').click()
    await page.getByText('Azure CLI', { exact: true }).click()
    await everyLook(page, 'setup-scripts')
    await openValues(page)
    await everyLook(page, 'setup-values')
    await field(page, 'Client secret').fill(secrets.next)
    await page.getByLabel('On another date').check()
    await field(page, 'Expiry date').fill('2028-01-31')
    await everyLook(page, 'setup-values-filled')
    await press(page, 'Back')
    await openValues(page)
    expect(await field(page, 'Client secret').inputValue()).toBe(secrets.next)
    expect(await field(page, 'Expiry date').inputValue()).toBe('2028-01-31')
    const stores = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    )
    expect(`${page.url()} ${stores}`).not.toContain(secrets.next)
    await field(page, 'Directory (tenant) ID (optional)').fill(facts.home_tenant)
    await press(page, 'Save and check')
    await page.getByText('Client ID and credential work', { exact: true }).waitFor()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Connect the first mailbox' })
    await everyLook(page, 'setup-works')
    expect(await settings()).toMatchObject({
      credential: { hint: 'Rt9', expires_at: '2028-01-31T12:00:00.000Z' },
      verified_at: expect.any(String),
    })
    await press(page, 'Show the settings')
    await page.getByText('Accepted by Microsoft').waitFor()
    await everyLook(page, 'settings')
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

describe('a check that does not pass', () => {
  async function checkWith(page: Page, values: Record<string, string>): Promise<void> {
    await startAgain(page)
    for (const [label, value] of Object.entries(values)) await field(page, label).fill(value)
    await page.getByLabel('In 6 months').check()
    await press(page, 'Save and check')
  }
  const home = 'Directory (tenant) ID (optional)'

  it('does not begin with the ID of a secret, which is refused at its field', async () => {
    const page = await openConsole(world, PAGE)
    await checkWith(page, { 'Client secret': facts.client_secret_id })
    await page.getByText(/is the ID of/).waitFor()
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Client secret' })
    await everyLook(page, 'setup-secret-id')
    expectClean(page, { consoleErrors: /401|422/ })
  })

  it.each([
    ['expired', secrets.expired, 'The client secret has expired'],
    ['wrong', 'Qx78Q~not.the-secret-of-this-app.Value01', 'The client secret is wrong'],
  ])('leads back to the field of a secret that is %s', async (name, secret, text) => {
    const page = await openConsole(world, PAGE)
    await checkWith(page, { 'Client secret': secret, [home]: facts.home_tenant })
    await page.getByText('Client ID and credential do not work', { exact: true }).waitFor()
    await page.getByText(text).first().waitFor()
    await everyLook(page, `setup-${name}`)
    await press(page, 'Correct the values')
    await expect.poll(() => focused(page)).toMatchObject({ name: 'Client secret' })
    await page.getByText('Microsoft does not accept this secret').waitFor()
    await field(page, 'Client secret').fill(facts.client_secret)
    await page.getByLabel("I don't know").check()
    await press(page, 'Save and check')
    await page.getByText('Client ID and credential work', { exact: true }).waitFor()
    await press(page, 'Show the settings')
    await page.getByText('The expiry date of the client secret is not known').first().waitFor()
    await everyLook(page, 'settings-expiry-unknown')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('leads from an unknown directory back to its field, and goes on without one', async () => {
    const page = await openConsole(world, PAGE)
    await checkWith(page, { [home]: 'nowhere.test', 'Client secret': facts.client_secret })
    await press(page, 'Correct the values')
    await expect.poll(() => focused(page)).toMatchObject({ name: home })
    await everyLook(page, 'setup-directory')
    await field(page, home).fill('')
    await press(page, 'Save and check')
    await page.getByText('Not checked yet', { exact: true }).waitFor()
    await everyLook(page, 'setup-unchecked')
    await page.getByRole('link', { name: 'Connect the first mailbox' }).waitFor()
    await press(page, 'Enter the Directory (tenant) ID')
    await expect.poll(() => focused(page)).toMatchObject({ name: home })
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('the output of a script fills in every field with one paste', async () => {
  const page = await openConsole(world, PAGE)
  await startAgain(page)
  const lines = [
    `  Client ID      client_id                 ${facts.client_id}`,
    `  Client secret  credential.client_secret  ${facts.client_secret}`,
    '  Expires        credential.expires_at     2028-11-24T10:00:00Z',
    `  Home tenant    home_tenant               ${facts.home_tenant}`,
  ]
  await page.evaluate((text) => navigator.clipboard.writeText(text), lines.join('\n'))
  await field(page, 'Client ID').focus()
  await page.keyboard.press('ControlOrMeta+V')
  await page.getByText('Filled in from what you pasted').waitFor()
  expect(await field(page, 'Client secret').inputValue()).toBe(facts.client_secret)
  expect(await field(page, 'Expiry date').inputValue()).toBe('2028-11-24')
  await press(page, 'Save and check')
  await page.getByText('Client ID and credential work', { exact: true }).waitFor()
  expect(await settings()).toMatchObject({ home_tenant: facts.home_tenant })
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('the setup is done without a mouse', async () => {
  const page = await openConsole(world, PAGE)
  const { clicks } = await countEffort(page.context())
  await page.reload()
  await arrived(page)
  const pressKey = async (name: string) => {
    await tabTo(page, name)
    await page.keyboard.press('Enter')
  }
  await pressKey('Set up again')
  await heading(page, 'Register the app')
  await pressKey('Next: enter the values')
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Enter client ID and credential' })
  await tabTo(page, /^In 24 months/)
  await page.keyboard.press('Space')
  await tabTo(page, 'Client secret')
  await page.keyboard.type(facts.client_secret)
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toMatchObject({ name: 'Connect the first mailbox' })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /account/ }).waitFor()
  expect(clicks).toEqual([])
  expectClean(page, { consoleErrors: NO_SESSION })
})
