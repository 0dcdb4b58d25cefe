import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAdmin } from '../journeys/admin.ts'
import { everyLook, expectClean } from './checks.ts'
import { arrived, NO_SESSION, openConsole, setUpMicrosoft, signIn } from './console.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'
const allowed = { consoleErrors: NO_SESSION }

let account: string
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  await setUpMicrosoft(world)
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()
  // Every token has to come from Entra again, and proves what the app proves itself with.
  await world.sandbox.control({ token_lifetime: 1 })
  const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
  account = await admin.save(admin.account('imap', admin.grantIdOf(state)))
})

const settings = () => world.api.expect(200, 'GET', '/v1/integrations/microsoft/settings')
const issueToken = () =>
  world.api.expect(200, 'POST', `/v1/mail-accounts/${account}/access-token`, {})

const card = (page: Page) => page.getByRole('group').filter({ hasText: 'Rotate the credential' })
const openCard = (page: Page) => page.getByText('Rotate the credential', { exact: true }).click()

async function confirmed(page: Page, response: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: response }).click()
}

/** Returns the file from "Download for Entra". */
async function download(page: Page): Promise<string> {
  const started = page.waitForEvent('download')
  await card(page).getByRole('link', { name: 'Download for Entra' }).click()
  const file = await started
  expect(file.suggestedFilename()).toMatch(/\.pem$/)
  return readFile(await file.path(), 'utf8')
}

describe('a change from a client secret to a certificate', () => {
  let page: Page
  let pem: string
  beforeAll(async () => {
    page = await openConsole(world, '#/integrations/microsoft')
  })

  it('starts by generating a certificate to upload at Entra', async () => {
    await openCard(page)
    await everyLook(page, 'next-secret')
    await card(page).getByRole('radio', { name: 'Certificate' }).check()
    await card(page).getByLabel('Lifetime in days').fill('5')
    await card(page).getByRole('button', { name: 'Add next credential' }).click()
    await card(page).getByText('Enter a number of days from 7 to 730.').waitFor()
    await everyLook(page, 'next-credential')
    await card(page).getByLabel('Lifetime in days').fill('90')
    await card(page).getByRole('button', { name: 'Add next credential' }).click()
    await card(page).getByText('Upload it at Entra').waitFor()
    pem = await download(page)
    expect(pem).toContain('-----BEGIN CERTIFICATE-----')
    const { credential, next_credential: next } = await settings()
    expect(credential).toMatchObject({ type: 'client_secret' })
    expect(next).toMatchObject({ type: 'certificate', certificate: pem, lifetime_days: 90 })
    await everyLook(page, 'next-certificate')
    expectClean(page, allowed)
  })

  it('reports that Entra does not accept it yet, and later that it works', async () => {
    const verify = card(page).getByRole('button', { name: 'Verify it' })
    await verify.click()
    await card(page).getByText('The client ID and credential do not work').waitFor()
    await everyLook(page, 'next-certificate-refused')
    await world.sandbox.control({ upload_certificate: pem })
    await verify.click()
    await card(page).getByText('The client ID and credential work').waitFor()
  })

  it('ends with the certificate in use and all mailboxes unchanged', async () => {
    await card(page).getByRole('button', { name: 'Promote' }).click()
    await page.getByRole('dialog').getByText('Mailboxes are not affected').waitFor()
    await everyLook(page, 'promoting')
    await confirmed(page, 'Promote')
    await card(page).getByText('The new credential is in use').waitFor()
    await page.getByText('Certificate, expires on').click()
    await everyLook(page, 'certificate-in-use')
    const { credential, next_credential: next } = await settings()
    expect(credential).toMatchObject({ type: 'certificate', certificate: pem })
    expect(next).toMatchObject({ type: 'client_secret' })
    const before = await world.sandbox.refreshes()
    expect(await issueToken()).toHaveProperty('access_token')
    expect(await world.sandbox.refreshes()).toBe(before + 1)
    expectClean(page, allowed)
  })
})

it('the warning about an expiring certificate leads to the next one, which needs one click', async () => {
  const page = await world.newPage()
  const integration = '/v1/integrations/microsoft'
  // The clock of this server cannot be moved.
  await page.route(`**${integration}`, async (route) => {
    const stored = await world.api.expect(200, 'GET', integration)
    const detail = 'The certificate expires on 2026-12-08.'
    await route.fulfill({ json: { ...stored, problems: [{ code: 'secret_expiring', detail }] } })
  })
  await page.goto(`${world.urls.api}/console/#/integrations/microsoft`)
  await signIn(page, world.rootKey)
  await arrived(page)
  await page.getByText('Use "Rotate the credential" on this page.').waitFor()
  await everyLook(page, 'certificate-expiring')
  await card(page).getByRole('button', { name: 'Add next credential' }).click()
  await card(page).getByText('Upload it at Entra').waitFor()
  expect((await settings()).next_credential).toMatchObject({
    type: 'certificate',
    lifetime_days: 90,
  })
  await world.api.expect(204, 'DELETE', `${integration}/settings/next-credential`)
  expectClean(page, allowed)
})
