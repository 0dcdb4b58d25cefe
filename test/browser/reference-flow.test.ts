import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { SandboxFacts } from '../sandbox/facts.ts'
import {
  getAccessToken,
  openMore,
  openPopup,
  results,
  serverLabel,
  validate,
  validated,
} from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { goTo, NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { focused } from './keyboard.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

let facts: SandboxFacts
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  facts = await world.sandbox.facts()
})

async function activateAndConfigure(page: Page): Promise<void> {
  const isFirst = await page.getByRole('heading', { name: 'Set up Microsoft' }).isVisible()
  const tenant = page.getByLabel('Directory (tenant) ID or domain')
  if (isFirst) {
    await page.getByLabel('Personal accounts, too').check()
    await tenant.fill(facts.home_tenant)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('tab', { name: 'By hand' }).click()
    await page.getByText('Register the redirect URIs').click()
    const uri = `${world.urls.api}/oauth/microsoft/callback`
    await page.getByText(uri, { exact: true }).first().waitFor()
    await page.getByRole('radio', { name: 'Client secret' }).check()
  } else {
    await page.getByText('Inactive').waitFor()
    await page.getByRole('button', { name: 'Activate' }).click()
    await page.getByText('Microsoft is active').waitFor()
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await tenant.fill(facts.home_tenant)
  }
  const form = page.getByRole('form', { name: 'Microsoft settings' })
  await form.getByLabel('Client ID', { exact: true }).fill(facts.client_id)
  await form.getByLabel('Expiry date').fill('2028-01-31')
  await form.getByLabel('Client secret', { exact: true }).fill(facts.client_secret)
  await form.getByRole('button', { name: isFirst ? 'Save and verify' : 'Save' }).click()
  await page.getByText('The client ID and credential work', { exact: true }).waitFor()
}

/** Returns true for any shade of red, since in the reference flow the button is red once there is a token. */
async function expectRed(page: Page, name: string): Promise<void> {
  const [red, green, blue] = await page.getByRole('button', { name }).evaluate((button) => {
    const { color, backgroundColor } = getComputedStyle(button)
    const filled = !/, 0\)$|transparent/.test(backgroundColor)
    const canvas = document.createElement('canvas').getContext('2d')
    if (canvas === null) throw new Error('There is no canvas.')
    canvas.fillStyle = filled ? backgroundColor : color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  })
  expect(red).toBeGreaterThan(Number(green) + 60)
  expect(red).toBeGreaterThan(Number(blue) + 60)
}

describe.each([
  { protocol: 'imap', other: 'Send mail (SMTP)', last: 'Open the mailbox' },
  { protocol: 'smtp', other: 'Read mail (IMAP)', last: 'Log in' },
] as const)('$protocol', ({ protocol, other, last }) => {
  it('goes from activation to a saved account', async () => {
    await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
    const page = await openConsole(world, '#/integrations')
    await activateAndConfigure(page)

    const pages = page.getByRole('navigation', { name: 'Pages' })
    await pages.getByRole('link', { name: 'Mailboxes' }).click()
    await page.getByRole('link', { name: 'Add mailbox' }).click()
    await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
    await page.getByLabel(other).uncheck()
    await openMore(page)
    if (protocol === 'imap') await page.getByLabel('Department (optional)').fill('Support')
    else await page.getByLabel('Send for').selectOption({ label: 'All brands' })
    const server = page.getByLabel(`${protocol.toUpperCase()} server`).locator('option:checked')
    const [first] = facts.mail[protocol]
    expect(first && (await server.textContent())).toBe(first && serverLabel(first))
    const offered = page.getByLabel('Authentication', { exact: true }).locator('option:checked')
    expect(await offered.textContent()).toBe('OAuth')
    const provider = page.getByLabel('Provider', { exact: true }).locator('option:checked')
    expect(await provider.textContent()).toBe('Microsoft')

    await getAccessToken(page, ALICE)
    await expectRed(page, 'Reset Access Token')
    await everyLook(page, `${protocol}-token`)

    await validate(page)
    await page.getByText('It works').waitFor()
    const login = page.getByRole('list', { name: 'Steps of the login' })
    expect(await login.isVisible()).toBe(false)
    await results(page).getByText('Steps of the login', { exact: true }).click()
    const steps = login.getByRole('listitem')
    expect((await steps.allTextContents()).join()).toContain(last)
    await everyLook(page, `${protocol}-validated`)

    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.getByText('Works', { exact: true }).first().waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })

    const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?protocol=${protocol}`)
    const owner = protocol === 'imap' ? { type: 'department', id: 'Support' } : { type: 'global' }
    expect(data).toMatchObject([
      { username: ALICE, health: 'ok', grant: { status: 'active', signed_in_as: ALICE }, owner },
    ])
  })
})

describe('an unsaved access token', () => {
  async function formWithToken(): Promise<Page> {
    await setUpMicrosoft(world)
    const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
    await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
    await getAccessToken(page, ALICE)
    return page
  }

  it('triggers a warning before the page is left', async () => {
    const page = await formWithToken()
    const here = page.url()
    const warnings: string[] = []
    let response: 'accept' | 'dismiss' = 'dismiss'
    page.on('dialog', (dialog) => {
      warnings.push(dialog.message())
      void dialog[response]()
    })
    const overview = page.getByRole('navigation').getByRole('link', { name: 'Overview' })
    await overview.click()
    await expect.poll(() => page.url()).toBe(here)
    await page.getByRole('button', { name: 'Reset Access Token' }).waitFor()
    response = 'accept'
    await overview.click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    const warning = 'The new sign-in is not saved and will be lost. Leave this page?'
    expect(warnings).toEqual([warning, warning])
  })

  it('prevents the window from closing without confirmation', async () => {
    const page = await formWithToken()
    const asked = page.waitForEvent('dialog')
    await page.close({ runBeforeUnload: true })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.accept()
  })

  it('is discarded by "Reset Access Token", and a cancelled sign-in yields none', async () => {
    const page = await formWithToken()
    await page.getByRole('button', { name: 'Reset Access Token' }).click()
    const popup = await openPopup(page)
    await popup.close()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('The sign-in was not finished').waitFor()
    expect(await focused(page)).toMatchObject({ name: 'Get Access Token' })
    await everyLook(page, 'no-token')
  })

  it('is no longer awaited on another page', async () => {
    const page = await formWithToken()
    await page.getByRole('button', { name: 'Reset Access Token' }).click()
    await openPopup(page)
    const stop = page.getByRole('button', { name: 'Stop' })
    await stop.waitFor()
    page.on('dialog', (dialog) => void dialog.accept())
    await goTo(page, '#/events')
    // The popup cannot be closed from here once Entra's page has severed it.
    await expect.poll(() => stop.count()).toBe(0)
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it('a half-filled form is not left for the missing setup without a question', async () => {
  await setUpMicrosoft(world)
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
  const asked = page.waitForEvent('dialog')
  const click = page.getByRole('link', { name: 'Activate it' }).click()
  const dialog = await asked
  expect(dialog.message()).toBe('Your changes are not saved. Leave this page?')
  await dialog.accept()
  await click
  await page.getByRole('button', { name: 'Activate' }).click()
  await page.getByRole('link', { name: 'Connect a mailbox' }).click()
  await page.getByLabel('Mailbox', { exact: true }).fill(ALICE)
  await getAccessToken(page, ALICE)
  await validated(page)
  expectClean(page, { consoleErrors: NO_SESSION })
})
