import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { setUpConsented } from './example-page.ts'
import { browserWorld } from './world.ts'

const ORIGIN = 'https://desk.acme.test'
const LOGO = `${ORIGIN}/logo.svg`
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/><path d="M9 22 16 9l7 13" fill="none" stroke="#fff" stroke-width="3"/></svg>'

const world = browserWorld(
  {
    without: ['checker', 'mail'],
    settings: { ALLOWED_ORIGINS: ORIGIN, BRAND_NAME: 'Acme Desk', BRAND_LOGO_URL: LOGO },
  },
  setUpConsented,
)

/** Opens the page before the sign-in. `loads`: the logo exists. */
async function consentPage(loads: boolean, locale = 'en-US'): Promise<Page> {
  const input = { provider: 'microsoft', username: 'alice@contoso.test', origin: ORIGIN }
  const { url } = await world.api.expect(201, 'POST', '/v1/authorizations', input)
  const page = await world.newPage({ locale })
  await page.route(LOGO, (route) =>
    loads
      ? route.fulfill({ contentType: 'image/svg+xml', body: svg })
      : route.fulfill({ status: 404 }),
  )
  await page.goto(String(url))
  return page
}

const banner = (page: Page) => page.getByRole('banner')

/** Returns where the name begins, in pixels from the edge of its row. */
const nameOffset = (page: Page) =>
  page.evaluate(() => {
    const header = document.querySelector('header')
    const range = document.createRange()
    if (!header?.lastChild) throw new Error('no name')
    range.selectNode(header.lastChild)
    const { left } = header.getBoundingClientRect()
    return (
      range.getBoundingClientRect().left -
      left -
      Number.parseFloat(getComputedStyle(header).paddingLeft)
    )
  })

describe('the product of the operator on the hosted pages', () => {
  it.each([
    ['en-US', 'Acme Desk asks to read and send mail as alice@contoso.test'],
    ['de-DE', 'Acme Desk möchte E-Mails als alice@contoso.test lesen und senden'],
    ['es-ES', 'Acme Desk solicita permiso para leer y enviar correo como alice@contoso.test'],
    ['fr-FR', 'Acme Desk demande à lire et à envoyer des e-mails en tant que alice@contoso.test'],
    [
      'ja-JP',
      'Acme Desk が alice@contoso.test のアカウントでメールの読み取りと送信を行う許可を求めています',
    ],
  ])('asks with its logo: %s', async (locale, title) => {
    const page = await consentPage(true, locale)
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
    const image = banner(page).locator('img')
    await expect
      .poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth))
      .toBeGreaterThan(0)
    await everyLook(page, `brand-${locale.slice(0, 2)}`)
    // The size of the popup that connect.js opens: the button is in view without scrolling.
    await page.setViewportSize({ width: 520, height: 700 })
    const button = await page.getByRole('button').boundingBox()
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan(700)
    expectClean(page, { origins: [ORIGIN] })
  })

  it('leaves no hole where the logo does not load', async () => {
    const page = await consentPage(false)
    await expect.poll(() => banner(page).locator('img').count()).toBe(0)
    expect(await banner(page).textContent()).toBe('Acme Desk')
    expect(await nameOffset(page)).toBe(0)
    await everyLook(page, 'brand-without-logo')
    expectClean(page, { origins: [ORIGIN], consoleErrors: /status of 404/ })
  })
})
