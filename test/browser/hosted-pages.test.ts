import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { pickAccount } from './entra.ts'
import { consentOfContoso, setUpConsented } from './example-page.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['checker', 'mail'] })
})
beforeEach(() => setUpConsented(world))
afterAll(() => world?.stop())

const authorize = async (body: object = {}) => {
  const input = { provider: 'microsoft', username: 'alice@contoso.test', ...body }
  const { url } = await world.api.expect(201, 'POST', '/v1/authorizations', input)
  return String(url)
}

const goOn = (page: Page) => page.getByRole('button', { name: 'Continue to Microsoft' }).click()

/** Opens a fresh link and goes as far as Microsoft's answer. */
async function signIn(as: string, body: object = {}): Promise<Page> {
  const page = await world.newPage()
  await page.goto(await authorize(body))
  await goOn(page)
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

/** The page has one heading, which is its title too, and looks well in every look. */
async function expectPage(page: Page, name: string, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  await expect.poll(() => page.title()).toBe(title)
  await everyLook(page, `hosted-${name}`)
  // The status of the page itself is told as an error.
  expectClean(page, { consoleErrors: /status of [45]\d\d .*\/oauth\/microsoft\// })
}

const words = async (page: Page) =>
  (await page.getByRole('main').textContent())?.replaceAll(/\s+/g, ' ') ?? ''

describe('before the sign-in', () => {
  it('a page says who asks for what', async () => {
    const page = await world.newPage()
    const username = 'support@contoso.test'
    const origin = world.urls.thirdParty
    await page.goto(await authorize({ username, delegate: 'alice@contoso.test', origin }))
    await expectPage(page, 'interstitial', 'Connect a mailbox')
    const text = await words(page)
    for (const part of [username, 'alice@contoso.test', origin]) expect(text).toContain(part)
  })

  it('a page stands between the form and Microsoft', async () => {
    const page = await world.newPage()
    await page.goto(await authorize())
    // It goes on by itself at once; here it has to stay.
    await page.route(`${world.urls.entra}/**`, (route) => route.abort('aborted'))
    await goOn(page)
    await expectPage(page, 'going-on', 'On to Microsoft')
  })

  it('the one button is reached first and can be seen to be', async () => {
    const page = await world.newPage()
    await page.goto(await authorize())
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    expect(await focused.textContent()).toBe('Continue to Microsoft')
    const width = await focused.evaluate((element) => getComputedStyle(element).outlineWidth)
    expect(width).toBe('3px')
    await page.keyboard.press('Enter')
    await page.getByRole('radio', { name: 'alice@contoso.test' }).waitFor()
  })
})

describe('after the sign-in', () => {
  it('a page says that it worked and what is left to do', async () => {
    const page = await signIn('alice@contoso.test')
    await expectPage(page, 'completed', 'Signed in')
    expect(new URL(page.url()).search).toBe('')
  })

  it('a page asks whether another account is the right one', async () => {
    const page = await signIn('bob@contoso.test')
    await expectPage(page, 'undecided', 'Is this the right account?')
    await page.getByRole('button', { name: 'Keep this account' }).click()
    await expectPage(page, 'kept', 'Signed in')
  })

  it('a page says that the other account was discarded', async () => {
    const page = await signIn('bob@contoso.test')
    await page.getByRole('button', { name: 'Discard it' }).click()
    await expectPage(page, 'discarded', 'A different account signed in')
  })

  it('a page has the link for the admin where only an admin can open the way', async () => {
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

  it('a page has that link too where no access to mail was given', async () => {
    world.demo.world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: [] })
    const page = await signIn('alice@contoso.test')
    await expectPage(page, 'no-mail-scope', 'Access to mail was not given')
    expect(await page.getByRole('textbox').inputValue()).toContain('/adminconsent?')
  })

  it('a page says that Microsoft is away', async () => {
    world.demo.world.entra.control.faultNext({ kind: 'outage' })
    const page = await signIn('alice@contoso.test', { return_url: `${world.urls.thirdParty}/` })
    await expectPage(page, 'outage', 'Microsoft is currently unreachable')
  })
})

describe('a link that leads nowhere', () => {
  it('is told as one that is not known', async () => {
    const page = await world.newPage()
    await page.goto(`${world.urls.api}/oauth/microsoft/authorize?authorization=az_1&secret=x`)
    await expectPage(page, 'unknown', 'This link does not work')
  })

  it('is told as one that was used', async () => {
    const url = await authorize()
    const page = await world.newPage()
    await page.goto(url)
    await goOn(page)
    await pickAccount(page, 'alice@contoso.test')
    await page.getByRole('heading', { name: 'Signed in' }).waitFor()
    await page.goto(url)
    await expectPage(page, 'used', 'The link has already been used')
  })

  it('leads back where it was used and has a place to go back to', async () => {
    const place = `${world.urls.thirdParty}/`
    const url = await authorize({ return_url: place })
    const page = await world.newPage()
    await page.goto(url)
    await goOn(page)
    await pickAccount(page, 'alice@contoso.test')
    await page.waitForURL(place)
    const again = await world.newPage()
    await again.goto(url)
    await expectPage(again, 'used-back', 'The link has already been used')
    await again.getByRole('link', { name: 'Go back' }).click()
    await again.waitForURL(place)
  })

  it('is told as one of an integration that is switched off', async () => {
    const url = await authorize()
    await world.api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
    const page = await world.newPage()
    await page.goto(url)
    await expectPage(page, 'inactive', 'Signing in is switched off')
  })

  it('is told as one of another browser', async () => {
    const page = await world.newPage()
    await page.goto(await authorize())
    await goOn(page)
    await page.getByRole('radio', { name: 'alice@contoso.test' }).waitFor()
    await page.context().clearCookies()
    await pickAccount(page, 'alice@contoso.test')
    await expectPage(page, 'other-browser', 'The sign-in was started in another browser')
  })
})

describe('the consent of an admin', () => {
  it('is confirmed, and needs no second one', async () => {
    const page = await adminConsent()
    await page.getByRole('button', { name: 'Accept' }).click()
    await expectPage(page, 'consent-done', 'Consent received')
  })

  it('may be refused', async () => {
    const page = await adminConsent()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expectPage(page, 'consent-refused', 'Not consented')
  })
})
