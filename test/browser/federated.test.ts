/** A federated credential in the console: from a secret to none, and the trial sign-in before that. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALICE, createAdmin } from '../journeys/admin.ts'
import { everyLook, expectClean } from './checks.ts'
import { changeSettings, goTo, openConsole, setUpMicrosoft } from './console.ts'
import { signInAtEntra } from './entra.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

const GRACE = 'grace@outlook.test'
const PAGE = '#/integrations/microsoft'
const SETTINGS = '/v1/integrations/microsoft/settings'
const allowed = { consoleErrors: /401.*\/console\/session|409.*\/promote/ }

type Federated = { issuer: string; subject: string; audience: string }

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['third-party'] })
  await setUpMicrosoft(world)
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()
  const { state } = await admin.getAccessToken({ username: GRACE }, GRACE)
  const server = { host: 'outlook.office365.com', port: 993, security: 'tls' } as const
  await admin.save(admin.account('imap', admin.grantIdOf(state), { username: GRACE, ...server }))
})
afterAll(() => world?.stop())

const card = (page: Page) => page.getByRole('group').filter({ hasText: 'Rotate the credential' })
const press = (page: Page, name: string) => card(page).getByRole('button', { name }).click()

async function tryWith(page: Page, username: string): Promise<void> {
  await card(page).getByLabel('Personal account', { exact: true }).fill(username)
  const opened = page.waitForEvent('popup')
  await press(page, 'Try it with a sign-in')
  await signInAtEntra(await opened, username)
}

describe('a change from a client secret to a federated credential', () => {
  let page: Page
  beforeAll(async () => {
    page = await openConsole(world, PAGE)
  })

  it('shows the values to enter at Entra, before and after it is stored', async () => {
    const { federated } = (await world.api.expect(200, 'GET', SETTINGS)) as { federated: Federated }
    await page.getByText('Rotate the credential', { exact: true }).click()
    await card(page).getByRole('radio', { name: 'Federated credential' }).check()
    await card(page).getByText(federated.subject).waitFor()
    await everyLook(page, 'federated-next-form')
    await press(page, 'Add next credential')
    await card(page).getByRole('heading', { name: 'Add it at Entra' }).waitFor()
    await card(page).getByText(federated.subject).waitFor()
    await world.sandbox.control({
      add_federated_credential: {
        issuer: federated.issuer,
        subject: federated.subject,
        audience: federated.audience,
      },
    })
  })

  it('asks to confirm while no personal account has tried it', async () => {
    await press(page, 'Check it')
    await card(page).getByText('The next credential works').waitFor()
    await card(page).getByText('try it with a sign-in of one').waitFor()
    await everyLook(page, 'federated-checked')
    await press(page, 'Promote')
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
    const question = page.getByRole('dialog', { name: 'no personal account has tried it' })
    await question.getByText('1 personal account is connected').waitFor()
    await everyLook(page, 'federated-untried')
    await question.getByRole('button', { name: 'Cancel' }).click()
    expect(await world.api.expect(200, 'GET', SETTINGS)).toMatchObject({
      credential: { type: 'client_secret' },
    })
  })

  it('is tried with a sign-in, which counts for a personal account only', async () => {
    await tryWith(page, ALICE)
    await card(page).getByText('This is a work or school account').waitFor()
    await everyLook(page, 'federated-trial-work')
    await tryWith(page, GRACE)
    await card(page).getByLabel('Personal account').waitFor({ state: 'detached' })
    await card(page).getByText('The next credential works').waitFor()
    await everyLook(page, 'federated-tried')
  })

  it('ends without a secret, and without another question', async () => {
    await press(page, 'Promote')
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
    await card(page).getByText('The new credential is in use').waitFor()
    await page.getByText(/^Federated credential of/).click()
    await everyLook(page, 'federated-in-use')
    expectClean(page, allowed)
  })
})

/** Opens the settings as they are where `federated` has other values: an address does not change while it serves. */
async function openWith(changes: object): Promise<Page> {
  const page = await openConsole(world)
  await page.route(`**${SETTINGS}`, async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const settings = await world.api.expect(200, 'GET', SETTINGS)
    const federated = { ...(settings.federated as Federated), ...changes }
    return route.fulfill({ json: { ...settings, federated } })
  })
  await goTo(page, PAGE)
  await changeSettings(page)
  return page
}

const form = (page: Page) => page.getByRole('form', { name: 'Microsoft settings' })

it('another issuer is confirmed in the form, once it is entered at Entra', async () => {
  const issuer = 'https://mail.new.example'
  const page = await openWith({ issuer })
  await form(page).getByLabel(`The issuer at Entra is now ${issuer}`).check()
  await everyLook(page, 'federated-other-issuer')
  const saved = page.waitForRequest((request) => request.method() === 'PUT')
  await form(page).getByRole('button', { name: 'Save' }).click()
  expect((await saved).postDataJSON()).toMatchObject({ credential: { type: 'federated' } })
  await page.getByText('Client ID and credential work').waitFor()
  expectClean(page, allowed)
})

it('a federated credential is not offered where Entra cannot reach Mailgrant', async () => {
  await setUpMicrosoft(world)
  const page = await openWith({ available: false })
  await form(page).getByText('requires a PUBLIC_URL with https').waitFor()
  await form(page).getByRole('radio', { name: 'Certificate' }).waitFor()
  expect(await form(page).getByRole('radio', { name: 'Federated credential' }).count()).toBe(0)
  await everyLook(page, 'federated-unavailable')
  expectClean(page, allowed)
})
