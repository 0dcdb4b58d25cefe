/** "Move from another product": refresh tokens that another product holds become email accounts. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Fault, type FormerProduct } from '../sandbox/entra/control-schema.ts'
import { everyLook, expectClean } from './checks.ts'
import { arrived, goTo, NO_SESSION, openConsole, setUpMicrosoft } from './console.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['third-party'] }, setUpMicrosoft)

/** Fails the next call of the token endpoint. */
const OUTAGE = Fault.parse({ kind: 'outage' })

/** Console errors of the refusals that a test causes. */
const refusals = /401 \(Unauthorized\).*\/console\/session|4\d\d .*\/v1\/(grants|mail-accounts)/

async function tokenOf(username: string, more: Omit<FormerProduct, 'username'> = {}) {
  const { refresh_token } = await world.sandbox.control({ former_product: { username, ...more } })
  return refresh_token ?? ''
}

async function paste(page: Page, rows: readonly (readonly string[])[]): Promise<void> {
  const text = rows.map((row) => row.join(', ')).join('\n')
  await page.getByLabel('Mailboxes and refresh tokens').fill(text)
}

const submit = (page: Page) => page.getByRole('button', { name: 'Import', exact: true }).click()
const row = (page: Page, name: string) => page.getByRole('row', { name })

describe('moving from another product', () => {
  let page: Page
  const pasted: string[] = []
  beforeAll(async () => {
    page = await openConsole(world, '#/mailboxes')
  })

  it('begins at the email accounts, and says that the app registration must be the same', async () => {
    await page.getByRole('link', { name: 'Move from another product' }).click()
    await arrived(page)
    const { client_id } = await world.sandbox.facts()
    await page.getByText('Both products must use the same app registration').waitFor()
    await page.getByText(client_id, { exact: true }).waitFor()
    await everyLook(page, 'move')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('names wrong lines before anything is sent, and keeps what was pasted', async () => {
    const token = await tokenOf('alice@contoso.test')
    pasted.push(token)
    await paste(page, [['alice@contoso.test', token], ['no address', token], ['bob@contoso.test']])
    await submit(page)
    await page
      .getByText(/Line 2: the first value .* Line 3: the refresh token is missing/)
      .waitFor()
    expect(await world.sandbox.refreshes()).toBe(0)
    await everyLook(page, 'move-wrong-lines')
    expect(await page.getByLabel('Mailboxes and refresh tokens').inputValue()).toContain(token)
  })

  it('imports each row, and shows why one was refused', async () => {
    const alice = await tokenOf('alice@contoso.test')
    const frank = await tokenOf('frank@contoso.test')
    const foreign = await tokenOf('carol@contoso.test', { client_id: 'another' })
    pasted.push(alice, frank, foreign)
    await page.getByLabel('Department').fill('Support')
    await page.getByRole('checkbox', { name: 'Send mail (SMTP)' }).check()
    await paste(page, [
      ['alice@contoso.test', alice],
      ['frank@contoso.test', frank],
      ['carol@contoso.test', foreign],
      ['support@contoso.test', await tokenOf('alice@contoso.test'), 'alice@contoso.test'],
    ])
    await submit(page)
    await page.getByText('2 of 4 imported, 2 failed.').waitFor()
    await row(page, 'alice@contoso.test')
      .first()
      .getByRole('link', { name: 'Reading mail' })
      .waitFor()
    await row(page, 'support@contoso.test').getByRole('link', { name: 'Sending mail' }).waitFor()
    await row(page, 'frank@contoso.test').getByText('unused for too long').waitFor()
    await row(page, 'carol@contoso.test')
      .getByText('moves only together with the client ID')
      .waitFor()
    const signIn = row(page, 'frank@contoso.test').getByRole('link', { name: 'Sign in instead' })
    expect(await signIn.getAttribute('href')).toContain('mailbox=frank%40contoso.test')
    await page.getByRole('link', { name: 'Validate them in the list' }).waitFor()
    await everyLook(page, 'move-results')
    const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts')
    expect((data as { username: string }[]).map(({ username }) => username).sort()).toEqual([
      'alice@contoso.test',
      'alice@contoso.test',
      'support@contoso.test',
      'support@contoso.test',
    ])
  })

  it('tries the others again, and shows no refresh token anywhere', async () => {
    await page.getByRole('button', { name: 'Try the others again (2)' }).click()
    await page.getByText('2 of 4 imported, 2 failed.').waitFor()
    const content = await page.content()
    const values = await page
      .getByRole('textbox')
      .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value))
    for (const token of pasted) expect(content + values.join()).not.toContain(token)
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    )
    for (const token of pasted) expect(stored).not.toContain(token)
    expectClean(page, { consoleErrors: refusals })
  })

  it('warns before rows that were not imported are lost', async () => {
    const asked = page.waitForEvent('dialog')
    const click = page.getByRole('link', { name: 'Overview' }).click()
    const dialog = await asked
    expect(dialog.message()).toContain('have not been imported')
    await dialog.accept()
    await click
    await arrived(page)
  })

  it('stops at an outage without losing a row, and finishes afterwards', async () => {
    await goTo(page, '#/mailboxes/move')
    await page.getByLabel('Department').fill('Support')
    await page.getByRole('checkbox', { name: /personal accounts/ }).check()
    await paste(page, [['grace@outlook.test', await tokenOf('grace@outlook.test')]])
    await world.sandbox.control({
      faults: [OUTAGE],
    })
    await submit(page)
    await page.getByText('Nothing was stored. Import the refresh token again').waitFor()
    await page.getByRole('button', { name: 'Try the others again (1)' }).click()
    await page.getByText('1 of 1 imported.').waitFor()
    await row(page, 'grace@outlook.test').getByRole('link', { name: 'Reading mail' }).waitFor()
  })
})

it('a key that may only read sees why it cannot import', async () => {
  const { key } = await world.api.expect(201, 'POST', '/v1/api-keys', {
    name: 'Reader',
    scopes: ['read'],
  })
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/#/mailboxes/move`)
  await page.getByLabel('API key').fill(String(key))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('requires an API key with write permission').waitFor()
  expect(await page.getByLabel('Mailboxes and refresh tokens').isDisabled()).toBe(true)
})
