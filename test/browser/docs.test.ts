import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { everyLook, expectClean, expectNoSideScroll } from './checks.ts'
import { expectFocus, focused, tabTo } from './keyboard.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['checker', 'mail', 'third-party'] })

async function openDocs(path = '/docs') {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}${path}`)
  return page
}

const pathOf = (page: Page) => {
  const { pathname, search, hash } = new URL(page.url())
  return pathname + search + hash
}

it.each([
  ['docs', '/docs'],
  ['docs-guide', '/docs/guides/first-mailbox'],
  ['docs-guide-with-code', '/docs/guides/mail-worker'],
  ['docs-api', '/docs/api'],
  ['docs-api-topic', '/docs/api/grants'],
  ['docs-api-messages', '/docs/api/webhook-messages'],
  ['docs-problems', '/docs/problems'],
  ['docs-causes', '/docs/causes'],
  ['docs-cause-with-command', '/docs/causes/smtp-auth-disabled-tenant'],
  ['docs-cause-with-numbers', '/docs/causes/user-sign-in-refused'],
  ['docs-not-found', '/docs/causes/none'],
  ['docs-no-guide', '/docs/guides/none'],
  ['docs-operating', '/docs/operating/settings'],
  ['docs-runbook', '/docs/operating/runbook'],
  ['docs-approval', '/docs/guides/approval'],
  ['docs-mail-programs', '/docs/mail-programs'],
  ['docs-mail-program', '/docs/mail-programs/mutt'],
])('shows the page %s without a key, readable in every look', async (name, path) => {
  const page = await openDocs(path)
  await everyLook(page, name)
  // This also fails for a request to another origin.
  expectClean(page, { consoleErrors: /404/ })
})

it('scrolls no page sideways on a phone', async () => {
  const page = await openDocs()
  const links = page.locator('#navigation a[href^="/docs"]')
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  expect(paths.length).toBeGreaterThan(40)
  await page.setViewportSize({ width: 375, height: 812 })
  for (const path of paths) {
    await page.goto(world.urls.api + path)
    await expectNoSideScroll(page)
  }
  expectClean(page)
})

it('has the ID of the mailbox that the console links in place of the example, on the next pages too', async () => {
  const id = `ma_${'k3'.repeat(13)}`
  const page = await openDocs(`/docs/mail-programs?account=${id}#the-api-key`)
  await page.getByText(`"mail_accounts": ["${id}"]`).waitFor()
  for (const name of ['Python', 'msmtp', 'Nodemailer', 'aerc']) {
    await page.getByRole('link', { name, exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await expect.poll(() => page.locator('main').textContent()).toContain(id)
    expect(await page.content()).not.toContain('ma_...')
  }
  await page.getByRole('combobox').fill('neomutt')
  await page.getByRole('option').first().click()
  await page.getByRole('heading', { level: 1, name: 'neomutt' }).waitFor()
  expect(await page.locator('main').textContent()).toContain(id)
  await page.goto(`${world.urls.api}/docs/guides/mail-worker?account=ma_<b>`)
  await page.getByText('ma_...', { exact: true }).first().waitFor()
  expectClean(page)
})

describe('the navigation', () => {
  it('leads from page to page and marks the current one', async () => {
    const page = await openDocs()
    const navigation = page.getByRole('navigation', { name: 'Documentation' })
    await navigation.getByText('Mail programs', { exact: true }).click()
    await navigation.getByRole('link', { name: 'msmtp' }).click()
    await page.getByRole('heading', { level: 1, name: 'msmtp' }).waitFor()
    expect(await navigation.getByRole('link', { name: 'msmtp' }).getAttribute('aria-current')).toBe(
      'page',
    )
    expectClean(page)
  })

  it('opens on a phone, by keyboard, and closes with Escape', async () => {
    const page = await openDocs('/docs/problems')
    await page.setViewportSize({ width: 375, height: 812 })
    const entry = page.getByRole('link', { name: 'All problems' })
    expect(await entry.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Menu' }).focus()
    await page.keyboard.press('Enter')
    await entry.waitFor()
    await everyLook(page, 'docs-menu')
    await page.setViewportSize({ width: 375, height: 812 })
    await page.keyboard.press('Escape')
    await entry.waitFor({ state: 'hidden' })
  })
})

describe('the search', () => {
  it('is used by keyboard: a slash, words, an arrow, Enter', async () => {
    const page = await openDocs('/docs/problems')
    const fetched: string[] = []
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname))
    await page.keyboard.press('/')
    await page.keyboard.type('AADSTS50011')
    const first = page.getByRole('option', { name: 'AADSTS50011' })
    await first.waitFor()
    expect(fetched.filter((path) => path.startsWith('/docs'))).toEqual(['/docs/search.json'])
    expect(await first.getAttribute('aria-selected')).toBe('true')
    await everyLook(page, 'docs-search')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'The redirect URI is not registered' }).waitFor()
    expectClean(page)
  })

  it('announces the active result, moves with the arrows and closes with Escape', async () => {
    const page = await openDocs()
    const input = page.getByRole('combobox', { name: 'Search' })
    await input.fill('webhook')
    await page.getByRole('option').nth(3).waitFor()
    await page.keyboard.press('ArrowDown')
    expect(await input.getAttribute('aria-activedescendant')).toBe('result-1')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    const count = await page.getByRole('option').count()
    expect(await input.getAttribute('aria-activedescendant')).toBe(`result-${count - 1}`)
    await page.keyboard.press('Escape')
    expect(await input.getAttribute('aria-expanded')).toBe('false')
    expect(await page.getByRole('option').first().isVisible()).toBe(false)
  })

  it('says when there are no matches, and types a slash into fields', async () => {
    const page = await openDocs()
    await page.getByRole('combobox', { name: 'Search' }).focus()
    await page.keyboard.type('/zzzz')
    await page.getByRole('status').filter({ hasText: 'No matches.' }).waitFor()
    await everyLook(page, 'docs-search-none')
    expect(await page.getByRole('combobox').inputValue()).toBe('/zzzz')
  })
})

it('opens the object that a link leads to, and shows all of them on paper', async () => {
  const page = await openDocs('/docs/api/grants')
  const member = page.locator('#Grant').getByText('signed_in_as', { exact: true })
  expect(await member.isVisible()).toBe(false)
  await page.locator('#getGrant').getByRole('link', { name: 'Grant', exact: true }).click()
  await member.waitFor()
  await page.emulateMedia({ media: 'print' })
  expect(await page.locator('#GrantDeleted > .properties').isVisible()).toBe(true)
})

describe('the samples', () => {
  it('are shown in the chosen language, which other pages and the search keep', async () => {
    const page = await openDocs('/docs/api/grants')
    const call = page.locator('#getGrant')
    await call.getByText('curl -sS').waitFor()
    await page.getByRole('radio', { name: 'Python' }).check()
    await call.getByText('import json, os, urllib.request').waitFor()
    expect(await call.getByText('curl -sS').isVisible()).toBe(false)
    await page.getByRole('navigation').getByRole('link', { name: 'Events', exact: true }).click()
    await page.locator('#listEvents').getByText('import json').waitFor()
    expect(pathOf(page)).toBe('/docs/api/events')
    await page.getByRole('combobox').fill('listWebhooks')
    await page.getByRole('option').first().click()
    await page.locator('#listWebhooks').getByText('import json').waitFor()
    expect(pathOf(page)).toBe('/docs/api/webhooks#listWebhooks')
  })

  it('fall back to another language on a page without the chosen one', async () => {
    const page = await openDocs('/docs/guides/webhooks')
    await page.evaluate(() => localStorage.setItem('docs-language', 'sh'))
    await page.reload()
    await page.getByText('createServer(async').waitFor()
    expect(await page.getByRole('radio', { name: 'curl' }).count()).toBe(0)
    expect(await page.getByText('class Receiver').isVisible()).toBe(false)
  })

  it('are copied', async () => {
    const page = await openDocs('/docs/api/grants')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const figure = page.locator('#listGrants .samples .sh')
    await figure.hover()
    await figure.getByRole('button', { name: 'Copy' }).click()
    await figure.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toMatch(/^echo "Authorization: Bearer \$MAILGRANT_KEY" \|\n {2}curl /)
  })
})

it('is read, searched and copied from without a mouse', async () => {
  const page = await openDocs('/docs/api/grants')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await tabTo(page, 'curl', 150)
  await page.keyboard.press('ArrowRight')
  const chosen = await focused(page)
  expect(chosen?.name).not.toBe('curl')
  await tabTo(page, /^Copy/, 150)
  await page.keyboard.press('Enter')
  await expectFocus(page, 'Copied')
  await page.keyboard.press('/')
  await page.keyboard.type('listWebhooks')
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/docs\/api\/webhooks#listWebhooks/)
  await tabTo(page, /./)
  expectClean(page)
})

it('shows navigation and samples in every language without JavaScript', async () => {
  const context = await world.browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${world.urls.api}/docs/api/grants`)
  expect(await page.locator('search').isVisible()).toBe(false)
  await page.getByRole('radio', { name: 'PHP' }).check()
  await page.locator('#getGrant').getByText('<?php').waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Webhooks' }).click()
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
  await context.close()
})
