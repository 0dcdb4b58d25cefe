/** The list of mailboxes with a thousand of them: search, filters, pages, validation, refresh. */
import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Schemas } from '../examples/client.ts'
import { openMore } from './account-form.ts'
import { everyLook, expectClean } from './checks.ts'
import { arrived, goTo, NO_SESSION, openConsole } from './console.ts'
import { focused } from './keyboard.ts'
import { saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

const MANY = 1000
const DEPARTMENTS = 40

const ids: string[] = []

const formOf = (number: number): Schemas['MailAccountInput'] => ({
  owner: { type: 'department', id: `Team ${number % DEPARTMENTS}` },
  protocol: 'imap',
  host: 'mail.example.org',
  username: `box${String(number).padStart(4, '0')}@example.org`,
  authentication: { type: 'password', password: 'a mailbox password' },
})

async function create(number: number, more: object): Promise<string> {
  const form = { ...formOf(number), ...more }
  const { id } = await world.api.expect(201, 'POST', '/v1/mail-accounts', form)
  return String(id)
}

const world = browserWorld({ without: ['third-party'] }, async (world) => {
  await saveMailboxes(world)
  const numbers = Array.from({ length: MANY }, (_, number) => number)
  for (const half of [numbers.slice(0, MANY / 2), numbers.slice(MANY / 2)]) {
    const { data } = await world.api.client.POST('/v1/mail-accounts/bulk', {
      params: { header: { 'idempotency-key': `from ${half[0]}` } },
      body: { items: half.map(formOf) },
    })
    for (const result of data?.results ?? []) {
      if (result.status === 'created') ids.push(result.mail_account.id)
    }
  }
})

const links = (page: Page) => page.getByRole('rowheader').getByRole('link')
const rowOf = (page: Page, name: string) => page.getByRole('row', { name })
const shown = (page: Page) => page.locator('main').getByText(/^\d+–\d+ of \d+ mailboxes$/)
const scrolledTo = (page: Page) => page.evaluate(() => scrollY)

describe('a thousand mailboxes', () => {
  let page: Page
  beforeAll(async () => {
    page = await openConsole(world, '#/mailboxes')
  })
  beforeEach(() => goTo(page, '#/mailboxes'))

  it('are shown 50 at a time, in little text and soon', async () => {
    await page.reload()
    await arrived(page)
    await expect.poll(() => links(page).count()).toBe(50)
    const { kilobytes, paint, shift } = await page.evaluate(async () => {
      const shifts = await new Promise<number>((resolve) => {
        let sum = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            sum += (entry as unknown as { value: number }).value
        }).observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)))
      })
      const [first] = performance.getEntriesByName('first-contentful-paint')
      return {
        kilobytes: document.body.innerHTML.length / 1000,
        paint: first?.startTime ?? 0,
        shift: shifts,
      }
    })
    console.log(
      `1000 mailboxes: ${kilobytes.toFixed(1)} kB of DOM, first paint after ${paint.toFixed(0)} ms, layout shift ${shift.toFixed(3)}`,
    )
    expect(kilobytes).toBeLessThan(40)
    await everyLook(page, 'mailboxes-many')
    expectClean(page, { consoleErrors: NO_SESSION })
  })

  it('are shown in little text, too, when each is read, sent from and checked every day', async () => {
    const list = await world.api.expect(200, 'GET', '/v1/mailboxes?limit=50&q=example.org')
    const days = Array.from({ length: 30 }, (_, day) => (day === 7 ? 'failed' : 'worked'))
    const data = (list.data as Schemas['Mailbox'][]).map((mailbox) => ({
      ...mailbox,
      accounts: mailbox.accounts.flatMap((account) => [
        { ...account, health: 'ok', days },
        { ...account, health: 'ok', days, protocol: 'smtp', owner: null },
      ]),
    }))
    await page.route('**/v1/mailboxes?*', (route) =>
      route.fulfill({ json: { data, next_cursor: null } }),
    )
    await goTo(page, '#/mailboxes?q=example.org')
    await expect.poll(() => page.getByRole('img').count()).toBe(100)
    const kilobytes = await page.evaluate(() => document.body.innerHTML.length / 1000)
    console.log(`1000 mailboxes for both uses: ${kilobytes.toFixed(1)} kB of DOM`)
    expect(kilobytes).toBeLessThan(40)
    await everyLook(page, 'mailboxes-full')
    await page.unroute('**/v1/mailboxes?*')
  })

  it('are counted by health, and each count leads to a list of that size', async () => {
    const counts = page.getByRole('list', { name: 'Mailboxes by health' })
    await counts.getByRole('link', { name: 'All 1003' }).waitFor()
    await counts.getByRole('link', { name: 'Needs reconnecting 1' }).click()
    await expect.poll(() => links(page).allTextContents()).toEqual(['erin@contoso.test'])
    expect(page.url()).toContain('#/mailboxes?health=reconnect_required')
    await counts.getByRole('link', { name: 'Works 1' }).click()
    await expect.poll(() => links(page).allTextContents()).toEqual(['alice@contoso.test'])
    const cells = rowOf(page, 'alice@contoso.test').getByRole('cell')
    expect(await cells.getByText('Works', { exact: true }).count()).toBe(2)
    expect(await cells.getByRole('img', { name: '30 days: 1 worked' }).count()).toBe(2)
    await cells.getByRole('link', { name: 'All brands' }).waitFor()
    await everyLook(page, 'mailboxes-works')
  })

  it('are found by what is typed, and Back restores the search, the place and the focus', async () => {
    await page.getByLabel('Find a mailbox').pressSequentially('example.org')
    await page.getByText('1–50 of 1000 mailboxes').waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search')
    await page.getByRole('link', { name: 'Next' }).click()
    await page.getByText('51–100 of 1000 mailboxes').waitFor()
    const row = links(page).nth(30)
    const name = await row.textContent()
    await row.scrollIntoViewIfNeeded()
    // The position is noted once scrolling has ended.
    const noted = () => page.evaluate(() => (history.state as { scroll: number }).scroll)
    await expect.poll(noted).toBeGreaterThan(500)
    await expect.poll(noted).toBe(await scrolledTo(page))
    const before = await scrolledTo(page)
    await row.click()
    await page.getByRole('heading', { level: 1, name: name ?? '' }).waitFor()
    expect(await scrolledTo(page)).toBe(0)
    await page.goBack()
    await page.getByText('51–100 of 1000 mailboxes').waitFor()
    expect(await scrolledTo(page)).toBe(before)
    expect(await page.getByLabel('Find a mailbox').inputValue()).toBe('example.org')
    expect((await focused(page))?.name).toBe(name)
    await page.goBack()
    await page.getByText('1–50 of 1000 mailboxes').waitFor()
  })

  it('are no longer searched once a link was followed', async () => {
    const reader = await openConsole(world, '#/mailboxes')
    await reader.clock.install()
    const held = Promise.withResolvers<void>()
    await reader.route('**/v1/webhooks?*', async (route) => {
      await held.promise
      await route.continue()
    })
    await reader.getByRole('link', { name: 'Alerts and webhooks' }).click()
    await reader.locator('main[aria-busy]').waitFor()
    await reader.getByLabel('Find a mailbox').fill('box')
    await reader.clock.runFor(1000)
    held.resolve()
    await reader.getByRole('heading', { level: 1, name: 'Alerts and webhooks' }).waitFor()
    expect(reader.url()).toMatch(/#\/webhooks$/)
    expectClean(reader, { consoleErrors: NO_SESSION })
  })

  it('keep filter and page over a reload', async () => {
    await goTo(page, '#/mailboxes?q=example.org&page=7')
    await page.getByText('301–350 of 1000 mailboxes').waitFor()
    const first = await links(page).first().textContent()
    expect(first).toBe('box0300@example.org')
    await page.reload()
    await page.getByText('301–350 of 1000 mailboxes').waitFor()
    expect(await links(page).first().textContent()).toBe(first)
  })

  it('are filtered by owner, for which another can be added', async () => {
    await rowOf(page, 'box0007@example.org').getByRole('link', { name: 'Team 7' }).click()
    await page.getByText('25 mailboxes', { exact: true }).waitFor()
    expect(await page.getByLabel('Owner').inputValue()).toBe('department:Team 7')
    await page.getByRole('link', { name: 'Add mailbox' }).click()
    await page.getByRole('heading', { level: 1, name: 'Add mailbox' }).waitFor()
    await openMore(page)
    expect(await page.getByLabel('Department (optional)').inputValue()).toBe('Team 7')
    await page.goBack()
    await page.getByText('25 mailboxes', { exact: true }).waitFor()
    await page.getByLabel('Owner').selectOption({ label: 'All owners' })
    await shown(page).waitFor()
  })

  it('keep their rows low, however long a name is', async () => {
    const long = `${'a-very-long-address-'.repeat(10)}@example.org`
    const more = { username: long, name: 'A long name '.repeat(16) }
    const accounts = await Promise.all(
      ['x'.repeat(200), 'Sales', 'Press', 'Jobs'].map((id) =>
        create(3, { ...more, owner: { type: 'department', id } }),
      ),
    )
    await goTo(page, '#/mailboxes?q=very-long')
    expect(await links(page).getAttribute('title')).toBe(long)
    await rowOf(page, long).getByText('and 2 more').waitFor()
    for (const width of [375, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      const { height, line, overflow } = await rowOf(page, long).evaluate((row) => ({
        height: Math.max(
          ...[...row.children].map((cell) => {
            const { paddingTop, paddingBottom } = getComputedStyle(cell)
            return (
              cell.clientHeight - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom)
            )
          }),
        ),
        line: Number.parseFloat(getComputedStyle(row).lineHeight),
        overflow: document.documentElement.scrollWidth - innerWidth,
      }))
      expect(height).toBeLessThan(4 * line)
      expect(overflow).toBeLessThanOrEqual(0)
    }
    await everyLook(page, 'mailboxes-long')
    await page.setViewportSize({ width: 1280, height: 800 })
    for (const id of accounts) await world.api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
  })

  it('show an address of usual length in full beside customers, and every owner at any width', async () => {
    const username = 'support-escalations@contoso.example'
    const owners = [
      { type: 'department', id: 'Support' },
      { type: 'other', id: 'Acme' },
    ]
    const accounts = await Promise.all(
      owners.map((owner) => create(3, { username, owner, customer: 'contoso' })),
    )
    await page.setViewportSize({ width: 1280, height: 800 })
    await goTo(page, '#/mailboxes?q=escalations')
    const name = rowOf(page, username).getByRole('rowheader').getByRole('link')
    expect(await name.evaluate((link) => link.scrollWidth - link.clientWidth)).toBe(0)
    await everyLook(page, 'mailboxes-customers')
    for (const width of [375, 900, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      for (const owner of ['Support', 'Acme']) {
        await rowOf(page, username).getByRole('link', { name: owner, exact: true }).waitFor()
      }
    }
    for (const id of accounts) await world.api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
  })

  it('are validated together, each result as it comes, until somebody stops it', async () => {
    await goTo(page, '#/mailboxes?q=contoso')
    await page.getByRole('button', { name: 'Validate all' }).click()
    await page.getByText('4 of 4 validated: 2 passed, 2 failed.').waitFor()
    await page.getByRole('link', { name: 'Show mailboxes that do not work' }).click()
    await page.getByText('2 mailboxes', { exact: true }).waitFor()
    expect(page.url()).toContain('health=reconnect_required%2Cblocked%2Cfailing')

    let calls = 0
    const held = Promise.withResolvers<void>()
    await page.route('**/v1/mail-accounts/*/validate', async (route) => {
      calls += 1
      if (calls === 20) {
        const problem = { code: 'rate_limited', detail: 'Too many requests of this kind.' }
        return route.fulfill({ status: 429, headers: { 'retry-after': '1' }, json: problem })
      }
      if (calls > 70) await held.promise
      return route.continue()
    })
    await goTo(page, '#/mailboxes?q=box00')
    await page.getByRole('button', { name: 'Validate all' }).click()
    await page.getByText('Keep this page open').waitFor()
    await page.getByText(/of 100 validated.*Paused: Too many requests/).waitFor()
    await page.getByText(/^69 of 100 validated/).waitFor()
    await everyLook(page, 'mailboxes-validating')
    await page.getByRole('button', { name: 'Stop' }).click()
    held.resolve()
    await page.getByText(/^72 of 100 validated: 72 inconclusive\.\s*$/).waitFor()
    await everyLook(page, 'mailboxes-stopped')
    expect(calls).toBe(73)
    await page.unroute('**/v1/mail-accounts/*/validate')
    expectClean(page, { consoleErrors: /\b(401|429)\b/ })
  })
})

describe('an open list', () => {
  const comeBack = (page: Page) => page.evaluate(() => dispatchEvent(new Event('focus')))

  it('is refreshed when the reader comes back, and keeps focus, scroll and what is typed', async () => {
    const page = await openConsole(world, '#/mailboxes?q=box00')
    await page.getByText('1–50 of 100 mailboxes').waitFor()
    await page.getByRole('link', { name: 'box0020@example.org' }).focus()
    await page.evaluate(() => scrollTo(0, 400))
    await expect.poll(() => scrolledTo(page)).toBeGreaterThan(100)
    const before = await scrolledTo(page)
    const [path, account] = [`/v1/mail-accounts/${ids[21]}`, { name: 'Renamed meanwhile' }]
    const { host, port, security, owner, protocol, username } = await world.api.expect(
      200,
      'GET',
      path,
    )
    const authentication = { type: 'password' }
    await world.api.expect(200, 'PUT', path, {
      ...{ host, port, security, owner, protocol, username, authentication },
      ...account,
    })
    await comeBack(page)
    await rowOf(page, 'Renamed meanwhile').waitFor()
    expect(await scrolledTo(page)).toBe(before)
    expect((await focused(page))?.name).toBe('box0020@example.org')
    expectClean(page, { consoleErrors: NO_SESSION })
  })
})
