import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { languages } from '../../api/pages/texts/language.ts'
import { full } from '../sample.ts'
import { everyLook, expectClean } from './checks.ts'
import { pickAccount } from './entra.ts'
import { consentOfContoso, setUpConsented } from './example-page.ts'
import { expectFocus, focused, press, tabTo } from './keyboard.ts'
import { browserWorld } from './world.ts'

/** Languages to visit. Another test compares the texts of all languages for every commit. */
const many = full ? 4 : 1

const world = browserWorld({ without: ['checker', 'mail'] })
beforeEach(() => setUpConsented(world))

const authorize = async (body: object = {}) => {
  const input = { provider: 'microsoft', username: 'alice@contoso.test', ...body }
  const { url } = await world.api.expect(201, 'POST', '/v1/authorizations', input)
  return String(url)
}

const goOn = (page: Page) => page.getByRole('button', { name: 'Continue to Microsoft' }).click()

/** Opens a new link and continues to Microsoft's response. */
async function signIn(as: string, body: object = {}, locale = 'en-US'): Promise<Page> {
  const page = await world.newPage({ locale })
  await page.goto(await authorize(body))
  await page.locator('button.main').click()
  await pickAccount(page, as)
  return page
}

const adminConsent = async (): Promise<Page> => {
  const { url } = await world.api.expect(201, 'POST', '/v1/integrations/microsoft/admin-consent', {
    tenant: 'contoso.test',
  })
  const page = await world.newPage()
  await page.goto(String(url))
  await pickAccount(page, 'admin@contoso.test')
  return page
}

/** Expects one heading that matches the title, and a correct page in every look. */
async function expectPage(page: Page, name: string, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  await expect.poll(() => page.title()).toBe(title)
  await everyLook(page, `hosted-${name}`)
  // The browser reports the status of the page itself as a console error.
  expectClean(page, { consoleErrors: /status of [45]\d\d .*\/oauth\/microsoft\// })
}

const clipboard = (page: Page) => page.evaluate('navigator.clipboard.readText()')

const words = async (page: Page) =>
  (await page.getByRole('main').textContent())?.replaceAll(/\s+/g, ' ') ?? ''

describe('before the sign-in', () => {
  it('a page shows which app requests which access', async () => {
    const page = await world.newPage()
    const username = 'support@contoso.test'
    const origin = world.urls.thirdParty
    await page.goto(await authorize({ username, delegate: 'alice@contoso.test', origin }))
    await expectPage(page, 'interstitial', 'Connect a mailbox')
    const text = await words(page)
    for (const part of [username, 'alice@contoso.test', origin]) expect(text).toContain(part)
  })

  it('a page is shown between the form and Microsoft', async () => {
    const page = await world.newPage()
    await page.goto(await authorize())
    // The page redirects at once. Blocking Entra keeps it open.
    await page.route(`${world.urls.entra}/**`, (route) => route.abort('aborted'))
    await goOn(page)
    await expectPage(page, 'going-on', 'Redirecting to Microsoft')
  })
})

describe('after the sign-in', () => {
  it('a page confirms success and says what is left to do', async () => {
    const page = await signIn('alice@contoso.test')
    await expectPage(page, 'completed', 'Signed in')
    expect(new URL(page.url()).search).toBe('')
  })

  it('a page asks if another account is the right one', async () => {
    const page = await signIn('bob@contoso.test')
    await expectPage(page, 'undecided', 'Is this the right account?')
    await page.getByRole('button', { name: 'another address' }).click()
    await expectPage(page, 'kept', 'Signed in')
  })

  it('a page says that the other account was discarded', async () => {
    const page = await signIn('bob@contoso.test')
    await page.getByRole('button', { name: 'Discard it' }).click()
    await expectPage(page, 'discarded', 'A different account signed in')
  })

  it('a page leaves the owner of a mailbox, who was sent the link, nothing to do or decide', async () => {
    const sent = { expires_in: 7200 }
    const page = await signIn('alice@contoso.test', sent)
    await expectPage(page, 'sent-completed', 'Signed in')
    expect(await words(page)).toContain('The person who sent you the link will finish the rest.')
    const other = await signIn('bob@contoso.test', sent)
    await expectPage(other, 'sent-other-account', 'A different account signed in')
    expect(await other.getByRole('button', { name: 'another address' }).count()).toBe(0)
    const older = await authorize(sent)
    await authorize(sent)
    await page.goto(older)
    await expectPage(page, 'link-ended', 'The link no longer works')
  })

  it('a page has the link for an admin if only an admin may consent', async () => {
    await consentOfContoso(world, false)
    const page = await signIn('dave@contoso.test')
    await page.getByRole('button', { name: 'Return without consent' }).click()
    await expectPage(page, 'needs-admin', 'Microsoft did not complete the sign-in')
    const link = page.getByRole('textbox')
    expect(await link.inputValue()).toContain('/adminconsent?')
    await link.focus()
    expect(await page.evaluate('String(getSelection())')).toBe(await link.inputValue())
    await page.getByText('What is wrong').press('Enter')
    await page.getByText('Only an admin may consent to this app.').waitFor()
    await expectPage(page, 'needs-admin-why', 'Microsoft did not complete the sign-in')
  })

  it('a page has the same link if no mail access was granted', async () => {
    world.demo.world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: [] })
    const page = await signIn('alice@contoso.test')
    await expectPage(page, 'no-mail-scope', 'Access to mail was not granted')
    expect(await page.getByRole('textbox').inputValue()).toContain('/adminconsent?')
  })

  it('a page reports that Microsoft is unreachable', async () => {
    world.demo.world.entra.control.faultNext({ kind: 'outage' })
    const page = await signIn('alice@contoso.test', { return_url: `${world.urls.thirdParty}/` })
    await expectPage(page, 'outage', 'Microsoft is currently unreachable')
  })
})

describe('an invalid link', () => {
  it('is reported as unknown', async () => {
    const page = await world.newPage()
    await page.goto(`${world.urls.api}/oauth/microsoft/authorize?authorization=az_1&secret=x`)
    await expectPage(page, 'unknown', 'This link does not work')
  })

  it('returns to the app if it was used and has a return URL', async () => {
    const place = `${world.urls.thirdParty}/`
    const url = await authorize({ return_url: place })
    const page = await world.newPage()
    await page.goto(url)
    await goOn(page)
    await pickAccount(page, 'alice@contoso.test')
    await page.waitForURL(place)
    const again = await world.newPage()
    await again.goto(url)
    await expectPage(again, 'used-back', 'The link was already used')
    await again.getByRole('link', { name: 'Go back' }).click()
    await again.waitForURL(place)
  })

  it('is reported if the integration is inactive', async () => {
    const url = await authorize()
    await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
    const page = await world.newPage()
    await page.goto(url)
    await expectPage(page, 'inactive', 'Signing in is switched off')
  })

  it('is reported if it belongs to another browser', async () => {
    const page = await world.newPage()
    await page.goto(await authorize())
    await goOn(page)
    await page.getByRole('radio', { name: 'alice@contoso.test' }).waitFor()
    await page.context().clearCookies()
    await pickAccount(page, 'alice@contoso.test')
    await expectPage(page, 'other-browser', 'The sign-in was started in another browser')
  })
})

describe('admin consent', () => {
  it('is confirmed and not requested again', async () => {
    const page = await adminConsent()
    await page.getByRole('button', { name: 'Accept' }).click()
    await expectPage(page, 'consent-done', 'Consent received')
  })

  it('can be declined', async () => {
    const page = await adminConsent()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expectPage(page, 'consent-refused', 'Consent not given')
  })
})

describe.each((['de', 'es', 'fr', 'ja'] as const).slice(0, many))('a reader of %s', (language) => {
  const { titles, consent, completed, mismatch } = languages[language]
  const look = (page: Page, name: string, title: string) =>
    expectPage(page, `${language}-${name}`, title)
  const sign = (as: string, body: object = {}) => signIn(as, body, language)

  it('reads every kind of page in that language', async () => {
    const page = await world.newPage({ locale: language })
    await page.goto(
      await authorize({ username: 'support@contoso.test', delegate: 'alice@contoso.test' }),
    )
    await look(page, 'consent', consent.title)
    expect(await page.evaluate('document.documentElement.lang')).toBe(language)
    await page.goto(`${world.urls.api}/oauth/microsoft/authorize?authorization=az_1&secret=x`)
    await look(page, 'unknown', titles.not_found)
    await look(await sign('alice@contoso.test'), 'completed', completed.title)
    await look(await sign('bob@contoso.test'), 'mismatch', mismatch.title)
    await consentOfContoso(world, false)
    const failed = await sign('dave@contoso.test')
    await failed.getByRole('button', { name: 'Return without consent' }).click()
    await failed.locator('summary').first().click()
    await failed.locator('summary').last().click()
    await look(failed, 'needsAdmin', titles.sign_in_refused)
  })
})

describe('without a mouse', () => {
  const next = (page: Page) => page.getByRole('button', { name: 'Next' }).waitFor()

  it.each([
    [/another address/, 'Signed in'],
    [/a shared mailbox/, 'Signed in'],
    ['Discard it', 'A different account signed in'],
  ])('the question about another account is answered with %s', async (response, title) => {
    const page = await world.newPage()
    await page.goto(await authorize())
    // The only button is the first stop.
    await tabTo(page, 'Continue to Microsoft', 1)
    await page.keyboard.press('Enter')
    await next(page)
    await tabTo(page, /alice@/)
    while (!(await focused(page))?.name.includes('bob@')) await page.keyboard.press('ArrowDown')
    await press(page, 'Next')
    await page.getByRole('heading', { name: 'Is this the right account?' }).waitFor()
    await press(page, response)
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
    await tabTo(page, /./)
  })

  it('the link for an administrator and the details are copied', async () => {
    await consentOfContoso(world, false)
    const page = await world.newPage()
    await page.goto(await authorize({ username: 'dave@contoso.test' }))
    await press(page, 'Continue to Microsoft')
    await next(page)
    await tabTo(page, /@/)
    while (!(await focused(page))?.name.includes('dave@')) await page.keyboard.press('ArrowDown')
    await press(page, 'Next')
    await page.getByRole('button', { name: 'Return without consent' }).waitFor()
    await press(page, 'Return without consent')
    await page.getByRole('button', { name: 'Copy link' }).waitFor()
    await press(page, 'Copy link')
    await expect.poll(() => page.getByRole('status').first().textContent()).toBe('Copied')
    await expectFocus(page, 'Copy link')
    expect(await clipboard(page)).toBe(await page.getByRole('textbox').inputValue())
    await press(page, 'Details for support')
    await press(page, 'Copy details')
    await expect.poll(() => clipboard(page)).toMatch(/^Error: AADSTS90094\n.*\nTime: /s)
    await expectFocus(page, 'Copy details')
    await expectPage(page, 'copied', 'Microsoft did not complete the sign-in')
  })
})

describe('what must be passed on', () => {
  it('is copied without permission for the clipboard too, from what is selected', async () => {
    await consentOfContoso(world, false)
    const page = await signIn('dave@contoso.test')
    await page.getByRole('button', { name: 'Return without consent' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error())')
    const button = page.getByRole('button', { name: 'Copy link' })
    await button.press('Enter')
    await expect.poll(() => page.getByRole('status').first().textContent()).toBe('Copied')
    expect(await clipboard(page)).toContain('/adminconsent?')
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('is the address of another account that was kept', async () => {
    const page = await signIn('bob@contoso.test')
    await page.getByRole('button', { name: 'another address' }).click()
    await page.getByRole('button', { name: 'Copy address' }).click()
    await expect.poll(() => clipboard(page)).toBe('bob@contoso.test')
  })

  it('can be selected without scripts, and no button does nothing', async () => {
    const context = await world.browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    world.demo.world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: [] })
    await page.goto(await authorize())
    await goOn(page)
    await pickAccount(page, 'alice@contoso.test')
    expect(await page.getByRole('textbox').inputValue()).toContain('/adminconsent?')
    expect(await page.getByRole('button').count()).toBe(0)
  })
})
