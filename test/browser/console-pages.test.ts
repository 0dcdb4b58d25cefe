import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { everyLook, expectClean, expectNoSideScroll } from './checks.ts'
import { arrived, goTo, NO_SESSION, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['third-party'] })

type Shown = [name: string, fragment: string | (() => string), heading: string | RegExp]

/** Opens the page and checks it in every look. */
async function look(
  page: Page,
  [name, fragment, heading]: Shown,
  consoleErrors: RegExp = NO_SESSION,
): Promise<void> {
  await goTo(page, typeof fragment === 'string' ? fragment : fragment())
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await everyLook(page, name)
  expectClean(page, { consoleErrors })
}

describe('before anything is set up', () => {
  let page: Page
  beforeAll(async () => {
    page = await openConsole(world)
  })

  it.each<Shown>([
    ['first-overview', '#/', 'Overview'],
    ['first-microsoft', '#/integrations', 'Set up Microsoft'],
    ['first-mailboxes', '#/mailboxes', 'Mailboxes'],
    ['first-new-mailbox', '#/mailboxes/new', 'Add mailbox'],
    ['first-diagnosis', '#/diagnosis', 'Diagnosis'],
    ['first-events', '#/events', 'Events'],
    ['no-such-page', '#/nowhere', 'Page not found'],
  ])('%s is fit to be seen in every look', async (...shown) => {
    await look(page, shown)
  })

  it('shows its pages in a menu on a phone, which closes after a choice', async () => {
    const phone = await openConsole(world, '#/', { width: 375 })
    const events = phone.getByRole('link', { name: 'Events' })
    expect(await events.isVisible()).toBe(false)
    await phone.getByRole('button', { name: 'Menu', expanded: false }).click()
    await everyLook(phone, 'menu')
    await phone.setViewportSize({ width: 375, height: 800 })
    await events.click()
    await phone.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
    await phone.getByRole('button', { name: 'Menu', expanded: false }).waitFor()
    expect(await events.isVisible()).toBe(false)
    expectClean(phone, { consoleErrors: NO_SESSION })
  })

  it('says that an account does not exist', async () => {
    const lost = await openConsole(world)
    const heading = 'This no longer exists'
    await look(lost, ['no-such-account', '#/mailboxes/ma_nobody', heading], /40[14]/)
  })
})

describe('with mailboxes in every state', () => {
  let page: Page
  let saved: Mailboxes
  beforeAll(async () => {
    saved = await saveMailboxes(world)
    page = await openConsole(world)
  })

  it.each<Shown>([
    ['overview', '#/', 'Overview'],
    ['microsoft', '#/integrations/microsoft', 'Microsoft settings'],
    ['mailboxes', '#/mailboxes', 'Mailboxes'],
    ['new-mailbox', '#/mailboxes/new?owner=department:Sales', 'Add mailbox'],
    ['new-brand', '#/mailboxes/new?protocols=smtp&owner=brand:Shop', 'Add mailbox'],
    ['account-works', () => `#/mailboxes/${saved.works}`, /@/],
    ['account-fails', () => `#/mailboxes/${saved.fails}`, /@/],
    ['account-outgoing', () => `#/mailboxes/${saved.outgoing}`, /@/],
    ['account-disconnected', () => `#/mailboxes/${saved.disconnected}`, /@/],
    ['events', '#/events', 'Events'],
    ['events-of-one', '#/events?mailbox=alice@contoso.test', 'Events'],
  ])('%s is fit to be seen in every look', async (...shown) => {
    await look(page, shown)
  })

  it('the settings check, give the steps, the scripts and the link for an administrator', async () => {
    await goTo(page, '#/integrations/microsoft')
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByText('The client ID and credential work', { exact: true }).waitFor()
    await page.getByText('Let administrators consent').click()
    await page.getByRole('button', { name: 'Link for an administrator' }).click()
    await page.getByText('Send this link to your Microsoft 365 admin').waitFor()
    await page.getByText('App registration at Microsoft').click()
    await page.getByRole('tab', { name: 'By hand' }).click()
    await page.getByText('Register the redirect URIs').click()
    await everyLook(page, 'microsoft-open')
    await page.getByRole('button', { name: 'Copy Redirect URI', exact: true }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      `${world.urls.api}/oauth/microsoft/callback`,
    )
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('events of one kind are shown page by page', async () => {
    for (let made = 0; made < 51; made += 1) {
      await world.api.expect(201, 'POST', '/v1/api-keys', { name: `Key ${made}`, scopes: ['read'] })
    }
    await goTo(page, '#/events')
    await page.getByLabel('Show').selectOption({ label: 'API key created' })
    const kinds = page.getByRole('listitem').filter({ hasText: 'API key created' })
    await expect.poll(() => kinds.count()).toBe(50)
    await page.getByText('50 events, newest first, older ones available').waitFor()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('51 events', { exact: true }).waitFor()
    expect(await kinds.count()).toBe(51)
    expect(await page.getByRole('button', { name: 'Older' }).count()).toBe(0)
    expect(await page.locator(':focus').textContent()).toBe('Events')
    await page.getByLabel('Show').selectOption({ label: 'API key revoked' })
    await page.getByText('No events match.').waitFor()
    await everyLook(page, 'events-none')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('keeps the type of event over a reload, and when the reader comes back', async () => {
    await goTo(page, '#/events')
    await page.getByLabel('Show').selectOption({ label: 'Validation failed' })
    const line = page.getByRole('listitem').filter({ hasText: 'bob@contoso.test' }).first()
    await line.waitFor()
    await expect.poll(() => page.url()).toContain('#/events?type=validation.failed')
    await page.reload()
    await arrived(page)
    expect(await page.getByLabel('Show').inputValue()).toBe('validation.failed')
    await line.getByText('Validation failed').click()
    await everyLook(page, 'event-open')
    await line.getByRole('link', { name: 'bob@contoso.test' }).click()
    await page.getByRole('heading', { level: 1, name: 'bob@contoso.test' }).waitFor()
    await page.goBack()
    await line.waitFor()
    expect(await page.getByLabel('Show').inputValue()).toBe('validation.failed')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('a mailbox leads to its events and back, and another one is found by a part of its address', async () => {
    await goTo(page, `#/mailboxes/${saved.works}`)
    await page.getByRole('link', { name: 'All events of this mailbox' }).click()
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
    const line = (address: string) =>
      page.getByRole('listitem').filter({ hasText: address }).first()
    await line('alice@contoso.test').waitFor()
    expect(await page.getByText('bob@contoso.test').count()).toBe(0)
    await page.getByRole('link', { name: 'Show the mailbox' }).click()
    await page.getByRole('rowheader', { name: 'alice@contoso.test' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
    const mailbox = page.getByLabel('Mailbox')
    await mailbox.fill('bob')
    await page.locator('datalist option[value="bob@contoso.test"]').waitFor({ state: 'attached' })
    await mailbox.fill('bob@contoso.test')
    await line('bob@contoso.test').waitFor()
    await expect.poll(() => page.url()).toContain('mailbox=bob%40contoso.test')
    await page.getByLabel('Until').fill('2020-01-01')
    await page.getByText('No events match.').waitFor()
    await page.setViewportSize({ width: 768, height: 800 })
    await page.getByRole('link', { name: 'Show all events' }).click()
    await page.getByRole('listitem').nth(10).waitFor()
    await expectNoSideScroll(page)
    await page.setViewportSize({ width: 1280, height: 800 })
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})

it.each([
  [
    'API keys',
    '#/api-keys',
    { path: '/v1/api-keys', body: { name: 'Made elsewhere', scopes: ['read'] } },
  ],
  [
    'webhooks',
    '#/webhooks',
    {
      path: '/v1/webhooks',
      body: {
        url: 'https://hooks.example.org/',
        description: 'Made elsewhere',
      },
    },
  ],
] as const)(
  'the list of %s shows what was added elsewhere when the reader comes back',
  async (_, fragment, { path, body }) => {
    const page = await openConsole(world, fragment)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const added = page.getByRole('row', { name: 'Made elsewhere' })
    expect(await added.count()).toBe(0)
    await world.api.expect(201, 'POST', path, body)
    await page.evaluate(() => dispatchEvent(new Event('focus')))
    await added.waitFor()
    expectClean(page, { consoleErrors: NO_SESSION })
  },
)

it('the list of console sessions shows who signs in when the reader comes back', async () => {
  const page = await openConsole(world, '#/console-sessions')
  const rows = page.getByRole('table', { name: 'Console sessions' }).getByRole('row')
  await rows.first().waitFor()
  const before = await rows.count()
  await openConsole(world)
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  await expect.poll(() => rows.count()).toBe(before + 1)
})
