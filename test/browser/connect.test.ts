import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { languages } from '../../api/pages/texts/language.ts'
import { everyLook, expectClean } from './checks.ts'
import { pickAccount } from './entra.ts'
import {
  consentOfContoso,
  fillIn,
  finishIn,
  openExample,
  popupOf,
  pressConnect,
  resultOf,
  setUpConsented,
  signInAt,
  waitingBox,
} from './example-page.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['checker', 'mail'] }, setUpConsented)

const text = async (page: Page) =>
  (await resultOf(page).textContent())?.trim().replaceAll(/\s+/g, ' ')
const see = (page: Page, words: string) =>
  resultOf(page).getByText(words, { exact: true }).waitFor()
const lookAt = (page: Page) =>
  expectClean(page, { origins: [world.urls.api], consoleErrors: /oauth\/status/ })

/** Responds at the status URL instead of the server until the returned function is called. */
async function respondWithStatus(
  page: Page,
  status: number | 'offline',
  body: object = {},
  more: Record<string, string> = {},
) {
  let asked = 0
  const pattern = '**/oauth/status/**'
  await page.route(pattern, (route) => {
    asked += 1
    if (status === 'offline') return route.abort('internetdisconnected')
    const headers = { 'access-control-allow-origin': world.urls.thirdParty, ...more }
    return route.fulfill({ status, headers, json: body })
  })
  return { asked: () => asked, stop: () => page.unroute(pattern) }
}

/** Gives the page a policy that lets it connect to these origins only. */
const forbidOthers = (page: Page, ...origins: string[]) =>
  page.evaluate(`{
    const meta = document.createElement('meta')
    meta.httpEquiv = 'Content-Security-Policy'
    meta.content = "connect-src 'self' ${origins.join(' ')}"
    document.head.append(meta)
  }`)

describe('while it waits, connect', () => {
  it('shows a readable dialog and learns the outcome although the popup has lost its opener', async () => {
    const page = await openExample(world)
    await everyLook(page, 'third-party-start')
    const popup = await pressConnect(page)
    expect(await popup.getByText(world.urls.thirdParty).count()).toBe(1)
    const box = waitingBox(page)
    await box.waitFor()
    await everyLook(page, 'connect-waiting')
    expect(await popup.evaluate('window.opener !== null')).toBe(true)
    await popup.getByRole('button', { name: 'Continue to Microsoft' }).click()
    await popup.getByRole('radio', { name: 'alice@contoso.test' }).waitFor()
    expect(await popup.evaluate('window.opener')).toBeNull()
    const closed = popup.waitForEvent('close')
    await pickAccount(popup, 'alice@contoso.test')
    await closed
    await see(page, 'Connected as alice@contoso.test')
    expect(await box.count()).toBe(0)
    await everyLook(page, 'third-party-connected')
    lookAt(page)
    // Only the browser that signed in gets the outcome.
    const stranger = await openExample(world)
    await stranger.goto(`${world.urls.thirdParty}/?authorization=az_1&status=completed`)
    await see(stranger, 'Not connected')
    expect(await text(stranger)).not.toContain('alice')
  })

  it.each([
    ['the button', (page: Page) => page.getByRole('button', { name: 'Cancel' }).click()],
    ['Escape', (page: Page) => page.keyboard.press('Escape')],
  ])('can be cancelled by %s: the popup goes, and the focus is where it was', async (_, cancel) => {
    const page = await openExample(world)
    const popup = await pressConnect(page)
    await page.bringToFront()
    await waitingBox(page).waitFor()
    const closed = popup.waitForEvent('close')
    await cancel(page)
    await closed
    await waitingBox(page).waitFor({ state: 'detached' })
    expect(await text(page)).toBe('Not connected yet')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Connect mailbox')
    lookAt(page)
  })

  it('speaks the languages of the hosted pages, by that of the page', async () => {
    const page = await openExample(world)
    const speak = async (lang: string) => {
      await page.evaluate(`document.documentElement.lang = '${lang}'`)
      const popup = await pressConnect(page)
      const closed = popup.waitForEvent('close')
      const box = page.locator('mailgrant-waiting')
      const shown = await box.evaluate((host) => [
        host.getAttribute('lang'),
        ...Array.from(
          host.shadowRoot?.querySelectorAll('h2, p, a, button') ?? [],
          (each) => each.textContent,
        ),
      ])
      await page.keyboard.press('Escape')
      await box.waitFor({ state: 'detached' })
      await closed
      return shown
    }
    const english = await speak('it')
    expect(english.slice(0, 2)).toEqual(['en', 'Waiting for the sign-in at Microsoft'])
    for (const lang of Object.keys(languages).filter((each) => each !== 'en')) {
      const shown = await speak(lang)
      expect(shown[0]).toBe(lang)
      for (const [index, words] of shown.entries()) expect(words).not.toBe(english[index])
    }
    expect((await speak('de-AT')).at(-1)).toBe('Abbrechen')
  })

  it('reopens the sign-in if its window was closed or lost', async () => {
    const page = await openExample(world)
    await (await pressConnect(page)).close()
    const again = () => page.getByRole('button', { name: 'Open again' }).click()
    await finishIn(await popupOf(page, again), 'alice@contoso.test')
    await see(page, 'Connected as alice@contoso.test')
  })

  it('leads at once to a page that helps where Microsoft asks for an administrator', async () => {
    const page = await openExample(world)
    const popup = await pressConnect(page)
    await popup.getByRole('button', { name: 'Continue to Microsoft' }).click()
    await popup.getByRole('radio', { name: 'alice@contoso.test' }).waitFor()
    const opened = page.context().waitForEvent('page')
    await waitingBox(page)
      .getByRole('link', { name: 'Microsoft asks for admin approval, or shows an error?' })
      .click()
    const help = await opened
    await help.getByRole('heading', { name: 'Stuck at Microsoft?' }).waitFor()
    await everyLook(help, 'hosted-help')
    expect(await help.getByLabel(/send this link/).inputValue()).toContain('/adminconsent?')
    await help.getByLabel(/copy all the text/).fill('AADSTS90094: Need admin approval')
    await help.getByRole('button', { name: 'Explain the error' }).click()
    await help.getByRole('heading', { name: 'Next step' }).waitFor()
    await everyLook(help, 'hosted-help-explained')
    lookAt(help)
    await pickAccount(popup, 'alice@contoso.test')
    await see(page, 'Connected as alice@contoso.test')
    lookAt(page)
  })

  it.each(['offline', 503] as const)('continues after answers like %s', async (fault) => {
    const page = await openExample(world)
    const popup = await pressConnect(page)
    const status = await respondWithStatus(page, fault)
    await finishIn(popup, 'alice@contoso.test')
    await expect.poll(status.asked).toBeGreaterThan(1)
    await status.stop()
    await see(page, 'Connected as alice@contoso.test')
    lookAt(page)
  })

  it('continues when a proxy leads the status elsewhere for a while, although the policy of the page forbids that', async () => {
    const page = await openExample(world)
    await forbidOthers(page, world.urls.api)
    const answered = page.waitForResponse('**/oauth/status/**')
    const popup = await pressConnect(page)
    await answered
    const status = await respondWithStatus(
      page,
      302,
      {},
      { location: 'https://proxy.test/sign-in' },
    )
    await expect.poll(status.asked).toBeGreaterThan(1)
    await status.stop()
    await finishIn(popup, 'alice@contoso.test')
    await see(page, 'Connected as alice@contoso.test')
  })
})

describe('in the end, connect', () => {
  it('leaves the popup open that explains the failure', async () => {
    await consentOfContoso(world, false)
    onTestFinished(async () => {
      await consentOfContoso(world, true)
    })
    const page = await openExample(world)
    await fillIn(page, 'dave@contoso.test')
    const popup = await pressConnect(page)
    await signInAt(popup, 'dave@contoso.test')
    await popup.getByRole('button', { name: 'Return without consent' }).click()
    await see(page, 'Not connected')
    expect(await text(page)).toMatch(/^Not connected .*admin/)
    expect(popup.isClosed()).toBe(false)
  })

  it('navigates the whole page if popups are blocked, and returns to it', async () => {
    const page = await openExample(world, { blocked: true })
    await page.getByRole('button', { name: 'Connect mailbox' }).click()
    await signInAt(page, 'alice@contoso.test')
    await see(page, 'Connected as alice@contoso.test')
    expect(page.url()).toBe(`${world.urls.thirdParty}/`)
  })
})

/** Adds a button whose click calls `connect` with the code of `start` and `options`. */
async function callConnect(start: string, options = '{}', blocked = false) {
  const page = await openExample(world, { blocked })
  await page.evaluate(`import('${world.urls.api}/connect.js').then(({ connect }) => {
    const button = document.createElement('button')
    button.textContent = 'Try it'
    button.onclick = () => {
      globalThis.outcome = connect(${start}, ${options}).catch(({ name, message }) => ({ name, message }))
    }
    document.body.append(button)
  })`)
  return {
    page,
    press: () => page.getByRole('button', { name: 'Try it' }).click(),
    outcome: () => page.evaluate('outcome'),
  }
}

it('returns the outcome of a redirect to every call, and cleans the URL', async () => {
  const page = await world.newPage()
  await page.goto(`${world.urls.thirdParty}/?tab=2&authorization=az_1&status=failed`)
  const results = await page.evaluate(`import('${world.urls.api}/connect.js').then(
    ({ getRedirectResult }) => [getRedirectResult(), getRedirectResult()],
  )`)
  const result = { authorization: 'az_1', status: 'failed' }
  expect(results).toEqual([result, result])
  expect(page.url()).toBe(`${world.urls.thirdParty}/?tab=2`)
})

/** Creates an authorization. Returns its URLs as code. */
async function linksWith(fields: object) {
  const { url, status_url } = await world.api.expect(201, 'POST', '/v1/authorizations', {
    provider: 'microsoft',
    username: 'alice@contoso.test',
    ...fields,
  })
  return JSON.stringify({ url, status_url })
}

describe('the promise of connect', () => {
  it('rejects with the error of start and leaves nothing open', async () => {
    const { page, press, outcome } = await callConnect(
      `() => Promise.reject(new TypeError('no backend'))`,
    )
    const [popup] = await Promise.all([page.waitForEvent('popup'), press()])
    expect(await outcome()).toEqual({ name: 'TypeError', message: 'no backend' })
    await expect.poll(() => popup.isClosed()).toBe(true)
    expect(await waitingBox(page).count()).toBe(0)
  })

  it('rejects with the reason of its signal, even while it waits for start', async () => {
    const { page, press, outcome } = await callConnect(
      '() => new Promise(() => {})',
      '{ signal: (globalThis.stop = new AbortController()).signal }',
    )
    const [popup] = await Promise.all([page.waitForEvent('popup'), press()])
    await waitingBox(page).waitFor()
    expect(await page.getByRole('button', { name: 'Open again' }).isDisabled()).toBe(true)
    await page.evaluate('stop.abort()')
    expect(await outcome()).toMatchObject({ name: 'AbortError' })
    await expect.poll(() => popup.isClosed()).toBe(true)
  })

  it.each([
    ['without it', () => ({})],
    ['with another', () => ({ origin: world.urls.api })],
  ])(
    'rejects within seconds and names its origin if the authorization was created %s',
    async (_, origin) => {
      const { page, press, outcome } = await callConnect(
        `async () => (${await linksWith(origin())})`,
      )
      const [popup] = await Promise.all([page.waitForEvent('popup'), press()])
      expect(await outcome()).toEqual({
        name: 'Error',
        message: `Mailgrant does not let this page read the outcome of the sign-in. Create the authorization with "origin": "${world.urls.thirdParty}".`,
      })
      await expect.poll(() => popup.isClosed()).toBe(true)
    },
  )

  it('rejects within seconds if the Content-Security-Policy of the page forbids reading the status', async () => {
    const links = await linksWith({ origin: world.urls.thirdParty })
    const { page, press, outcome } = await callConnect(`async () => (${links})`)
    await forbidOthers(page)
    const [popup] = await Promise.all([page.waitForEvent('popup'), press()])
    expect(await outcome()).toEqual({
      name: 'Error',
      message: `The Content-Security-Policy of this page must allow the status of the sign-in in connect-src: ${world.urls.api}/oauth/status/`,
    })
    await expect.poll(() => popup.isClosed()).toBe(true)
  })

  it.each([
    ['nothing', 'undefined'],
    ['a response that was not parsed', `new Response('{}')`],
    ['an error of the API', `{ code: 'integration_inactive', detail: 'Switched off.' }`],
    ['other names', `{ url: '#', statusUrl: '#' }`],
  ])('rejects and says what start must return if it returns %s', async (_, links) => {
    const { press, outcome } = await callConnect(`async () => (${links})`)
    await press()
    expect(await outcome()).toEqual({
      name: 'TypeError',
      message: 'start() must return "url" and "status_url" of the authorization.',
    })
  })

  it('resolves with a readable problem if the authorization no longer exists', async () => {
    const links = `{ url: location.href, status_url: '${world.urls.api}/oauth/status/az_1' }`
    const { page, press, outcome } = await callConnect(`async () => (${links})`)
    await respondWithStatus(page, 404)
    await press()
    expect(await outcome()).toEqual({
      status: 'failed',
      problem: { code: 'not_found', detail: 'This sign-in no longer exists. Start again.' },
    })
  })

  it('resolves as cancelled on a page restored from the back/forward cache', async () => {
    const links = `{ url: '#sign-in', status_url: '#' }`
    const { page, press, outcome } = await callConnect(`async () => (${links})`, '{}', true)
    await press()
    await page.waitForURL('**/#sign-in')
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow'))`)
    expect(await outcome()).toEqual({ status: 'cancelled' })
  })

  it('rejects a javascript: URL without running it', async () => {
    const links = `{ url: 'java\\nscript:opener.ran = true', status_url: '#' }`
    const { page, press, outcome } = await callConnect(`async () => (${links})`)
    await press()
    expect(await outcome()).toMatchObject({ name: 'TypeError' })
    expect(await page.evaluate('globalThis.ran')).toBeUndefined()
  })
})
