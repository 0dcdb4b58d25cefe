import type { Page } from 'playwright-core'
import { expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../schema/durations.ts'
import { everyLook, expectClean } from './checks.ts'
import { goTo, NO_SESSION, openConsole } from './console.ts'
import { signInAtEntra } from './entra.ts'
import { lineOf, type Mailboxes, prepareMailboxes } from './inbox.ts'
import { browserWorld } from './world.ts'

const ALICE = 'alice@contoso.test'

const world = browserWorld({ without: ['third-party'] })

let prepared: Promise<Mailboxes> | undefined
/** Sets everything up, with a secret whose expiry is known, and deletes all mailboxes. */
async function emptyMailboxes(): Promise<Mailboxes> {
  prepared ??= prepareMailboxes(world).then(async (mailboxes) => {
    const { client_id, client_secret, home_tenant } = await world.sandbox.facts()
    const expires_at = new Date(Date.now() + 300 * DAY_MS).toISOString()
    await world.api.expect(200, 'PUT', '/v1/integrations/microsoft/settings', {
      client_id,
      credential: { type: 'client_secret', client_secret, expires_at },
      home_tenant,
    })
    return mailboxes
  })
  const mailboxes = await prepared
  await mailboxes.deleteAll()
  return mailboxes
}

/** Simulates that the reader comes back to the window. */
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')))

it('shows the first steps, each with its state, before there is a mailbox', async () => {
  const page = await openConsole(world)
  const steps = page.getByRole('listitem').filter({ has: page.getByRole('link') })
  const first = steps.filter({ hasText: 'Set up Microsoft' })
  await first.getByRole('link', { name: 'Start' }).waitFor()
  await everyLook(page, 'inbox-first')
  await emptyMailboxes()
  await comeBack(page)
  // Saved settings can be wrong, so the step isn't done until they are verified.
  const check = steps.filter({ hasText: 'Verify Microsoft' })
  await check.getByRole('link', { name: 'Start' }).waitFor()
  await world.api.expect(200, 'POST', '/v1/integrations/microsoft/settings/verify')
  await comeBack(page)
  await first.getByText('Done', { exact: true }).waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('says in one sentence that all is well, and when it was last checked', async () => {
  const mailboxes = await emptyMailboxes()
  await mailboxes.connectValidated(ALICE)
  await mailboxes.connectValidated('carol@contoso.test', ['imap'])
  const page = await openConsole(world)
  await page.getByText('All 2 mailboxes work. Last validated just now.').waitFor()
  expect(await page.getByRole('region', { name: 'Needs attention' }).count()).toBe(0)
  await everyLook(page, 'inbox-well')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('counts what waits for Microsoft, and validates what was never tried', async () => {
  const mailboxes = await emptyMailboxes()
  await world.sandbox.control({ token_lifetime: 1 })
  const [waits] = await mailboxes.connect(ALICE)
  await world.sandbox.control({ token_lifetime: null })
  const outage = { account: '', delay_ms: 1, scopes: [], claims: {} }
  await world.sandbox.control({ faults: [{ kind: 'outage', times: 1000, ...outage }] })
  const path = `/v1/mail-accounts/${waits}/access-token`
  await vi.waitFor(() => world.api.expect(503, 'POST', path, {}), 20_000)
  await world.sandbox.control({ clear_faults: true })
  await mailboxes.connect('bob@contoso.test')
  const page = await openConsole(world)
  await page.getByText('No mailbox needs attention.').waitFor()
  await page.getByRole('link', { name: 'Waiting for Microsoft: 1' }).waitFor()
  await page.getByText('Not validated yet: 1').waitFor()
  await everyLook(page, 'inbox-outage')

  await page.getByRole('button', { name: 'Validate all' }).click()
  await lineOf(page, 'bob@contoso.test').getByText('IMAP is disabled').waitFor()
  await page.getByText('Not validated yet').waitFor({ state: 'detached' })
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('shows since when Microsoft cannot be reached, and does not say that all is well', async () => {
  const mailboxes = await emptyMailboxes()
  await mailboxes.connectValidated(ALICE)
  const integration = await world.api.expect(200, 'GET', '/v1/integrations/microsoft')
  const host = 'login.microsoftonline.com'
  const detail = `${host} can't be reached from this server: your Mailgrant administrator must allow connections from this server to ${host} on port 443, or set HTTPS_PROXY (ECONNREFUSED). It will be retried automatically.`
  const since = new Date(Date.now() - 3 * HOUR_MS).toISOString()
  const problems = [{ code: 'microsoft_unreachable', detail, host, since }]
  const page = await openConsole(world, '#/diagnosis')
  await page.route('**/v1/integrations/microsoft', (route) =>
    route.fulfill({ json: { ...integration, problems } }),
  )
  await goTo(page, '#/')
  const line = page.locator('.notice').filter({ hasText: 'Microsoft can' })
  await line.getByText('3 hours ago').waitFor()
  expect(await line.textContent()).toContain(detail)
  expect(await page.getByText('Your mailbox works').count()).toBe(0)
  await everyLook(page, 'inbox-unreachable')
  await line.getByRole('link', { name: 'See why' }).click()
  await page.getByText('Use "Verify now" on this page').waitFor()
  await everyLook(page, 'microsoft-unreachable')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('never says "Works" beside a new problem of the same mailbox', async () => {
  const mailboxes = await emptyMailboxes()
  await mailboxes.connectBroken('erin@contoso.test')
  const page = await openConsole(world)
  const erin = lineOf(page, 'erin@contoso.test')
  const opened = page.waitForEvent('popup')
  await erin.getByRole('button', { name: 'Reconnect' }).click()
  await signInAtEntra(await opened, 'erin@contoso.test')
  await erin.getByText('Works', { exact: true }).waitFor()
  const { data } = await world.api.expect(200, 'GET', '/v1/grants?username=erin@contoso.test')
  const [grant] = data as { id: string }[]
  await world.api.expect(200, 'DELETE', `/v1/grants/${grant?.id}?detach=true`)
  await comeBack(page)
  await erin.getByRole('button', { name: 'Reconnect' }).waitFor()
  expect(await erin.getByText('Works', { exact: true }).count()).toBe(0)
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('shows 50 of 200 mailboxes, and leads to the others', async () => {
  const mailboxes = await emptyMailboxes()
  await mailboxes.connectBroken('erin@contoso.test', ['imap'])
  const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts')
  const [account] = data as Record<string, unknown>[]
  const many = Array.from({ length: 200 }, (_, number) => ({
    ...account,
    id: `ma_${number}`,
    username: `box${number}@contoso.test`,
  }))
  const summary = await world.api.expect(200, 'GET', '/v1/mail-accounts/summary')
  const { health } = summary.mailboxes as { health: object }
  const page = await openConsole(world, '#/diagnosis')
  await page.route('**/v1/mail-accounts?health=reconnect*', (route) =>
    route.fulfill({ json: { data: many, next_cursor: null } }),
  )
  await page.route('**/v1/mail-accounts/summary', (route) =>
    route.fulfill({
      json: {
        ...summary,
        total: 200,
        mailboxes: { total: 200, health: { ...health, reconnect_required: 200 } },
      },
    }),
  )
  await page.getByRole('navigation').getByRole('link', { name: 'Overview' }).click()
  await page.getByText('200 mailboxes need attention.').waitFor()
  expect(await page.getByRole('button', { name: 'Reconnect' }).count()).toBe(50)
  const more = page.getByRole('link', { name: 'and 150 more' })
  expect(await more.getAttribute('href')).toBe(
    '#/mailboxes?health=reconnect_required,blocked,failing',
  )
  await everyLook(page, 'inbox-many')
  expectClean(page, { consoleErrors: NO_SESSION })
})
