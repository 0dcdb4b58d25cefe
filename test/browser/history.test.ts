import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { everyLook, expectClean, hasOwnColour } from './checks.ts'
import { goTo, NO_SESSION, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

let saved: Mailboxes
let page: Page
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  saved = await saveMailboxes(world)
  page = await openConsole(world)
})

const cardOf = (name: string) => page.getByRole('region', { name })

it('a mailbox shows its days as bars and as a table, and what happened in words, for both uses', async () => {
  const path = `/v1/mail-accounts/${saved.works}`
  const { authentication, owner, protocol, username, host, port, security } =
    await world.api.expect(200, 'GET', path)
  for (let index = 1; index < 10; index += 1) {
    await world.api.expect(200, 'PUT', path, {
      ...{ authentication, owner, protocol, username, host, port, security },
      name: `Help desk ${index}`,
    })
  }
  await world.api.expect(201, 'POST', `${path}/validate`)
  await world.api.expect(201, 'POST', `${path}/validate`)
  for (const _ of [1, 2]) await world.api.expect(200, 'POST', `${path}/access-token`, {})
  await goTo(page, `#/mailboxes/${saved.works}`)
  await page.getByText('Who fetched access tokens').click()
  await page.getByRole('row', { name: 'Root key' }).getByText('2 tokens').waitFor()
  const card = cardOf('History')
  await card.getByRole('img', { name: /^Last 30 days: \d+ of \d+ validations passed/ }).waitFor()
  const list = card.getByRole('list', { name: /newest first/ })
  await list.getByText(/logins? worked/).waitFor()
  await card.getByText('Sending', { exact: true }).first().waitFor({ state: 'attached' })
  expect(await list.getByRole('listitem').count()).toBe(5)
  await everyLook(page, 'history-works')
  expect(await hasOwnColour(page, card.locator('.strip > .bar').last())).toBe(true)
  const before = card.getByRole('list', { name: 'What happened before' })
  expect(await before.isVisible()).toBe(false)
  await card.getByText(/^Show \d+ more$/).focus()
  await page.keyboard.press('Enter')
  expect(await before.getByRole('listitem').count()).toBeGreaterThan(0)
  await card.getByText('Show as a table').click()
  const today = card.getByRole('table', { name: 'Days' }).getByRole('row').nth(1)
  expect(await today.textContent()).toMatch(/Worked.*of.*validations passed/)
  await everyLook(page, 'history-open')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('a mailbox that fails and one that waits say why', async () => {
  await goTo(page, `#/mailboxes/${saved.fails}`)
  await cardOf('History')
    .getByText(/Login failed: |logins failed: /)
    .waitFor()
  await everyLook(page, 'history-fails')
  await goTo(page, `#/mailboxes/${saved.disconnected}`)
  await cardOf('History')
    .getByText(/Sign-in required: .+/)
    .waitFor()
  await everyLook(page, 'history-waits')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('a new validation appears at once, and what others do when the reader returns', async () => {
  await goTo(page, `#/mailboxes/${saved.fails}`)
  const checks = cardOf('History')
    .getByText(/^0 of \d+ validations? passed/)
    .first()
  const count = async () =>
    Number(/\d+ checks?/.exec((await checks.textContent()) ?? '')?.[0].split(' ')[0])
  await checks.waitFor()
  const before = await count()
  await page.getByRole('button', { name: 'Validate Authentication' }).click()
  await expect.poll(count).toBe(before + 1)
  await world.api.expect(201, 'POST', `/v1/mail-accounts/${saved.fails}/validate`)
  // Simulates the focus event of a real browser; no page loses the focus here.
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await expect.poll(count).toBe(before + 2)
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('the overview shows all accounts together', async () => {
  await goTo(page, '#/')
  const card = cardOf('Last 30 days')
  await card.getByRole('img', { name: /^Last 30 days: \d+ of \d+ validations passed/ }).waitFor()
  await everyLook(page, 'history-overview')
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('30 full days fit a phone', async () => {
  // A product in use for a month, which no test can wait for.
  const days = Array.from({ length: 30 }, (_, index) => ({
    date: new Date(Date.UTC(2026, 9, 28 + index)).toISOString().slice(0, 10),
    passed: index === 3 ? 0 : 90 + (index % 7),
    failed: [0, 0, 4, 0, 0, 0, 60, 0, 1][index % 9],
    inconclusive: index % 5 === 0 ? 2 : 0,
    waited: index === 3 || index % 8 === 0 ? 1 : 0,
  }))
  await page.route('**/v1/history', (route) => route.fulfill({ json: { days } }))
  await goTo(page, '#/events')
  await goTo(page, '#/')
  await cardOf('Last 30 days')
    .getByText(/validations passed; waited for a person on/)
    .waitFor()
  await everyLook(page, 'history-month')
  await page.setViewportSize({ width: 375, height: 812 })
  const widths = await page
    .locator('.strip > .bar')
    .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width))
  expect(widths).toHaveLength(30)
  expect(Math.min(...widths)).toBeGreaterThan(6)
  await page.unroute('**/v1/history')
})
