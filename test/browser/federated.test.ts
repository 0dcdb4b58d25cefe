/** A federated credential in the console: from a secret to none, and back. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { changeSettings, goTo, openConsole, setUpMicrosoft } from './console.ts'
import { browserWorld } from './world.ts'

const PAGE = '#/integrations/microsoft'
const SETTINGS = '/v1/integrations/microsoft/settings'
const allowed = { consoleErrors: /401.*\/console\/session|(409|412).*\/promote/ }

type Federated = { issuer: string; subject: string; audience: string }

const world = browserWorld({ without: ['third-party'] }, setUpMicrosoft)

const card = (page: Page) => page.getByRole('group').filter({ hasText: 'Rotate the credential' })
const press = (page: Page, name: string) => card(page).getByRole('button', { name }).click()

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
  })

  it('ends without a secret once Entra trusts it', async () => {
    const { federated } = (await world.api.expect(200, 'GET', SETTINGS)) as { federated: Federated }
    await world.sandbox.control({
      add_federated_credential: {
        issuer: federated.issuer,
        subject: federated.subject,
        audience: federated.audience,
      },
    })
    await press(page, 'Verify it')
    await card(page).getByText('The client ID and credential work').waitFor()
    await everyLook(page, 'federated-checked')
    await promote()
    await card(page).getByText('The new credential is in use').waitFor()
    await page.getByText(/^Federated credential of/).click()
    await everyLook(page, 'federated-in-use')
  })

  it('can be undone with one click', async () => {
    await card(page).getByText('Client secret that begins with').waitFor()
    await press(page, 'Undo')
    await card(page).getByText('The previous credential is in use again').waitFor()
    await everyLook(page, 'federated-undone')
    expect(await world.api.expect(200, 'GET', SETTINGS)).toMatchObject({
      credential: { type: 'client_secret' },
      next_credential: { type: 'federated' },
      undo_until: null,
    })
    await promote()
    await card(page).getByText('The new credential is in use').waitFor()
    expectClean(page, allowed)
  })

  it('is not undone by somebody who promotes what another admin has promoted meanwhile', async () => {
    await press(page, 'Undo')
    await card(page).getByText('The previous credential is in use again').waitFor()
    await world.api.expect(200, 'POST', `${SETTINGS}/promote`)
    await promote()
    await card(page).getByText('in the meantime').first().waitFor()
    await card(page).getByRole('button', { name: 'Undo' }).waitFor()
    expect(await world.api.expect(200, 'GET', SETTINGS)).toMatchObject({
      credential: { type: 'federated' },
    })
    expectClean(page, allowed)
  })

  async function promote(): Promise<void> {
    await press(page, 'Promote')
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
  }
})

/**
 * Opens the settings with other values in `federated`. A running server's address cannot change, so the response is
 * changed.
 */
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
  await page.getByText('The client ID and credential work').waitFor()
  expectClean(page, allowed)
})

it('a federated credential is not offered where Entra cannot reach Mailgrant', async () => {
  await setUpMicrosoft(world)
  const page = await openWith({ available: false })
  await form(page).getByText('requires that Mailgrant has a public https address').waitFor()
  await form(page).getByRole('radio', { name: 'Certificate' }).waitFor()
  expect(await form(page).getByRole('radio', { name: 'Federated credential' }).count()).toBe(0)
  await everyLook(page, 'federated-unavailable')
  expectClean(page, allowed)
})
