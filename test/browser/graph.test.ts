/** The way out where SMTP stays off: "Send through Microsoft Graph instead", on every page that offers it. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { createAdmin } from '../journeys/admin.ts'
import { full } from '../sample.ts'
import { getAccessToken, results, validate, validated } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { countEffort, describeEffort, type Effort } from './click-count.ts'
import {
  arrived,
  changeSettings,
  goTo,
  NO_SESSION,
  openConsole,
  setUpMicrosoft,
  signIn,
} from './console.ts'
import { signInAtEntra } from './entra.ts'
import { browserWorld } from './world.ts'

const CAROL = 'carol@contoso.test'
const IVAN = 'ivan@outlook.test'
const BUTTON = 'Send through Microsoft Graph instead'
const SETTINGS = '/v1/integrations/microsoft/settings'
const REFUSED = /401|409/

let clientId = ''
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  const facts = await setUpMicrosoft(world)
  clientId = facts.client_id
})

const allow = (...protocols: ('imap' | 'smtp' | 'graph_send')[]) =>
  world.api.expect(200, 'PUT', SETTINGS, {
    client_id: clientId,
    home_tenant: 'contoso.test',
    protocols,
  })

/** Saves an SMTP account whose login is refused, with no consent to Microsoft Graph. Returns its ID. */
async function saveRefused(username: string): Promise<string> {
  const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?username=${username}`)
  for (const { id } of data as { id: string }[]) {
    await world.api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
  }
  await world.sandbox.control({ withdraw_consent: { username, resource: 'graph' } })
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()
  const { state } = await admin.getAccessToken({ username, protocols: ['smtp'] }, username)
  const id = await admin.save(admin.account('smtp', admin.grantIdOf(state), { username }))
  await world.api.expect(201, 'POST', `/v1/mail-accounts/${id}/validate`)
  return id
}

/** Opens a page of the console that counts clicks from now on. */
async function openCounting(fragment: string): Promise<{ page: Page; effort: Effort }> {
  const page = await openConsole(world, '#/integrations')
  const effort = await countEffort(page.context())
  await page.reload()
  await arrived(page)
  await goTo(page, fragment)
  return { page, effort }
}

/** Presses the button and signs in in the popup. */
async function sendThroughGraph(page: Page, username: string): Promise<void> {
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: BUTTON }).click()
  const popup = await opened
  const closed = popup.waitForEvent('close')
  await signInAtEntra(popup, username)
  await closed
}

/** Saves once the login works. */
async function save(page: Page): Promise<void> {
  await results(page).getByText('It works').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('It works, and stays connected for sending mail.').waitFor()
}

/** Defines a test of a further way, which only FULL=true needs. */
const further: (title: string, test: () => Promise<void>) => void = full ? it : () => {}

const read = (id: string) => world.api.expect(200, 'GET', `/v1/mail-accounts/${id}`)

it('carol, whose SMTP is off, sends through Graph after one press, a sign-in and "Save", and back', async () => {
  await allow('imap', 'smtp', 'graph_send')
  const id = await saveRefused(CAROL)
  const { page, effort } = await openCounting(`#/mailboxes/${id}`)
  const offer = results(page).getByText("Don't use it to get around an administrator's decision")
  await offer.waitFor()
  await everyLook(page, 'graph-offer')
  await sendThroughGraph(page, CAROL)
  await save(page)
  console.log(`carol: ${describeEffort(effort)}`)
  expect(effort.clicks.length).toBeLessThanOrEqual(5)
  expect(effort.typed).toEqual([])
  expect(await read(id)).toMatchObject({ protocol: 'graph_send', health: 'ok' })
  await results(page).getByText('It works').waitFor()
  await results(page).getByText('Steps of the login', { exact: true }).click()
  await results(page).getByText('Check the permission to send').waitFor()
  const facts = page.getByRole('region', { name: 'Sign-in' })
  await facts.getByText('Details of the sign-in').click()
  await facts.getByText('Access token for Microsoft Graph expires').waitFor()
  expect(await facts.getByText('Worth knowing').count()).toBe(0)
  await everyLook(page, 'graph-sends')

  await goTo(page, '#/mailboxes')
  const row = page.getByRole('row', { name: CAROL })
  await everyLook(page, 'graph-list')
  await row.getByRole('link', { name: CAROL }).click()
  await page.getByRole('heading', { level: 1, name: CAROL }).waitFor()
  await page.getByRole('button', { name: 'Change account' }).click()
  await page.getByLabel('Send mail (SMTP)').check()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Save anyway' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await read(id)).toMatchObject({ protocol: 'smtp', host: expect.stringMatching(/./) })

  // The sign-in covers it, so no window opens.
  await page.getByRole('button', { name: BUTTON }).click()
  await save(page)
  expect(page.context().pages()).toHaveLength(1)
  expect(await read(id)).toMatchObject({ protocol: 'graph_send', health: 'ok' })

  await goTo(page, '#/webhooks/new')
  await page.getByRole('radio', { name: 'Email' }).check()
  await page.getByLabel('Send from').selectOption({ label: CAROL })
  expectClean(page, { consoleErrors: REFUSED })
})

further('a sign-in that is not finished changes nothing', async () => {
  await allow('imap', 'smtp', 'graph_send')
  const id = await saveRefused(CAROL)
  const page = await openConsole(world, `#/mailboxes/${id}`)
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: BUTTON }).click()
  await (await opened).close()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('The sign-in was not finished').waitFor()
  await everyLook(page, 'graph-not-finished')
  expect(await read(id)).toMatchObject({ protocol: 'smtp' })
  expectClean(page, { consoleErrors: REFUSED })
})

further('ivan, whose new personal mailbox has no SMTP, needs no administrator', async () => {
  await allow('imap', 'smtp', 'graph_send')
  await world.sandbox.control({ withdraw_consent: { username: IVAN, resource: 'graph' } })
  const page = await openConsole(world, '#/mailboxes/new?protocols=smtp')
  await page.getByLabel('Mailbox', { exact: true }).fill(IVAN)
  await getAccessToken(page, IVAN)
  await validated(page)
  await results(page).getByText("The mailbox's owner signs in once more").waitFor()
  await everyLook(page, 'graph-offer-personal')
  await sendThroughGraph(page, IVAN)
  await save(page)
  const { data } = await world.api.expect(200, 'GET', `/v1/mail-accounts?username=${IVAN}`)
  expect(data).toMatchObject([{ protocol: 'graph_send', health: 'ok' }])
  expectClean(page, { consoleErrors: NO_SESSION })

  const id = await saveRefused(IVAN)
  const { page: saved, effort } = await openCounting(`#/mailboxes/${id}`)
  await sendThroughGraph(saved, IVAN)
  await save(saved)
  console.log(`ivan: ${describeEffort(effort)}`)
  expect(effort.clicks.length).toBeLessThanOrEqual(5)
  expect(await read(id)).toMatchObject({ protocol: 'graph_send', health: 'ok' })
})

further('an Admin adds the setting on the way', async () => {
  await allow('imap', 'smtp')
  const id = await saveRefused(CAROL)
  const { page, effort } = await openCounting(`#/mailboxes/${id}`)
  await page.getByText('Two things are needed first').waitFor()
  expect(await page.getByRole('button', { name: BUTTON }).count()).toBe(0)
  await everyLook(page, 'graph-not-allowed')
  await page.getByRole('button', { name: 'Allow Microsoft Graph' }).click()
  await sendThroughGraph(page, CAROL)
  await save(page)
  expect(effort.clicks.length).toBeLessThanOrEqual(6)
  expect(await read(id)).toMatchObject({ protocol: 'graph_send', health: 'ok' })

  await goTo(page, '#/integrations/microsoft')
  await page.getByText('IMAP, SMTP, Microsoft Graph', { exact: true }).waitFor()
  await changeSettings(page)
  const form = page.getByRole('form', { name: 'Microsoft settings' })
  await form.getByText('delegated permission Mail.Send').waitFor()
  await everyLook(page, 'graph-setting')
  await form.getByLabel('Send mail (Microsoft Graph)').uncheck()
  await form.getByRole('button', { name: 'Save' }).click()
  await page.getByText('IMAP, SMTP', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: REFUSED })
})

further(
  'without the right to change the settings, the page shows whom to ask, with the message',
  async () => {
    await allow('imap', 'smtp')
    const id = await saveRefused(CAROL)
    const { key } = await world.api.expect(201, 'POST', '/v1/api-keys', {
      name: 'Help desk',
      scopes: ['read', 'write'],
    })
    const page = await world.newPage()
    await page.goto(`${world.urls.api}/console/#/mailboxes/${id}`)
    await signIn(page, String(key))
    await arrived(page)
    await page.getByText(/Please allow Microsoft Graph in Mailgrant's Microsoft settings/).waitFor()
    expect(await page.getByRole('button', { name: /Allow|instead/ }).count()).toBe(0)
    await everyLook(page, 'graph-ask')
    await validate(page)
    expectClean(page, { consoleErrors: NO_SESSION })
  },
)
