import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { changeSettings, NO_SESSION, openConsole, signIn } from './console.ts'
import { browserWorld } from './world.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const CLIENT_ID = 'f0cacc1a-0000-4000-8000-0000c1e47a99'
const SECRET = 'Qx78Q~sandbox.Contoso-mailgrant.Value001'
/** Console errors of the browser for calls without a session. */
const ENDED = /401 \(Unauthorized\)/

const world = browserWorld({ without: ['checker', 'mail', 'third-party'] })

const endings: [how: string, home: string, end: (page: Page) => Promise<unknown>][] = [
  ['has lost its cookie', 'one.test', (page) => page.context().clearCookies()],
  [
    'was ended on the server',
    'two.test',
    (page) =>
      page.evaluate(() =>
        fetch('/console/session', {
          method: 'DELETE',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        }).then(({ ok }) => {
          if (!ok) throw new Error('The session was not ended.')
        }),
      ),
  ],
]

it.each(endings)('a half-filled form survives a session that %s', async (_how, home, end) => {
  await world.api.expect(200, 'PUT', SETTINGS, {
    client_id: crypto.randomUUID(),
    credential: { type: 'client_secret', client_secret: 'a secret of another app' },
  })
  const page = await openConsole(world, '#/integrations/microsoft')
  await changeSettings(page)
  await page.getByLabel('Client ID', { exact: true }).fill(CLIENT_ID)
  await page.getByLabel('Client secret', { exact: true }).fill(SECRET)
  const form = page.getByRole('form', { name: 'Microsoft settings' })
  await form.getByLabel('Expiry date').fill('2028-01-31')
  await page.getByLabel('Directory (tenant) ID or domain').fill(home)
  await end(page)
  await page.getByRole('button', { name: 'Save' }).click()

  const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
  await dialog.waitFor()
  await everyLook(page, 'sign-in-again')
  await signIn(dialog, `${world.rootKey}-not`)
  await dialog.getByText('This API key does not work').waitFor()
  await everyLook(page, 'sign-in-again-wrong')
  expect(await page.getByRole('dialog').count()).toBe(1)
  await signIn(dialog, world.rootKey)
  await dialog.waitFor({ state: 'hidden' })

  await page.getByText(`Client secret that begins with ${SECRET.slice(0, 3)}`).waitFor()
  await page.getByRole('definition').getByText(CLIENT_ID, { exact: true }).first().waitFor()
  const saved = () => world.api.expect(200, 'GET', SETTINGS)
  await expect.poll(saved).toMatchObject({ client_id: CLIENT_ID, home_tenant: home })
  expectClean(page, { consoleErrors: ENDED })
})

it('asks for a key first, in every look, and reports a wrong one', async () => {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/`)
  await signIn(page, 'mg_nobody_0000000000000000000000000000')
  await page.getByText('This API key does not work').waitFor()
  await everyLook(page, 'sign-in')
  expectClean(page, { consoleErrors: ENDED })
})

it('says so when the browser discards the cookie, as Safari does on http://localhost', async () => {
  const page = await world.newPage()
  await page.route('**/console/session', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    const response = await route.fetch()
    const { 'set-cookie': _, ...headers } = response.headers()
    await page.context().clearCookies()
    await route.fulfill({ response, headers })
  })
  await page.goto(`${world.urls.api}/console/`)
  await signIn(page, world.rootKey)
  await page.getByText('Your browser did not keep the session').waitFor()
  await page.getByText('Use Chrome, Edge or Firefox').waitFor()
  await everyLook(page, 'sign-in-cookie')
  expectClean(page, { consoleErrors: ENDED })
})

it('keeps asking for the key whatever is pressed, and shows which key continues the session', async () => {
  const { key } = await world.api.expect(201, 'POST', '/v1/api-keys', {
    name: 'Another admin',
    scopes: ['admin'],
  })
  const page = await openConsole(world, '#/integrations')
  await page.getByText('Signed in with the root key').waitFor()
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Activate' }).click()
  const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
  await dialog.waitFor()
  // Chromium lets a page hold back one Escape, not two.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await signIn(dialog, String(key))
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('Signed in with Another admin').waitFor()
})

it('asks before a sign-out discards unsaved input', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.getByLabel('Mailbox', { exact: true }).fill('alice@contoso.test')
  const asked: string[] = []
  let response: 'accept' | 'dismiss' = 'dismiss'
  page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    void dialog[response]()
  })
  await page.getByRole('button', { name: 'Sign out' }).click()
  expect(await page.getByLabel('Mailbox', { exact: true }).inputValue()).toBe('alice@contoso.test')
  await page.evaluate(async () => {
    if (!(await fetch('/console/session')).ok) throw new Error('It is signed out.')
  })
  response = 'accept'
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(asked).toEqual(['confirm', 'confirm'])
})

it('stays on the page after going back is cancelled', async () => {
  const page = await openConsole(world, '#/events')
  // Twice: a link to the current page adds no history entry.
  await page.getByRole('link', { name: 'Mailboxes' }).click()
  await page.getByRole('link', { name: 'Mailboxes' }).click()
  await page.getByRole('link', { name: 'Add mailbox' }).click()
  await page.getByLabel('Mailbox', { exact: true }).fill('alice@contoso.test')
  const form = page.url()
  let response: 'accept' | 'dismiss' = 'dismiss'
  let asked = 0
  page.on('dialog', (dialog) => {
    asked += 1
    void dialog[response]()
  })
  const leave = [
    () => page.evaluate(() => history.back()),
    () => page.getByRole('link', { name: 'Diagnosis' }).click(),
    () => page.evaluate(() => history.go(-2)),
  ]
  for (const [index, go] of leave.entries()) {
    await go()
    await expect.poll(() => asked).toBe(index + 1)
    await expect.poll(() => page.url()).toBe(form)
  }
  expect(await page.getByLabel('Mailbox', { exact: true }).inputValue()).toBe('alice@contoso.test')
  // The history is unchanged. No page is skipped or duplicated.
  response = 'accept'
  await page.evaluate(() => history.back())
  await page.getByRole('heading', { level: 1, name: 'Mailboxes' }).waitFor()
  await page.evaluate(() => history.back())
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
  expect(asked).toBe(4)
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('says that the session has not ended while Mailgrant does not respond', async () => {
  const page = await openConsole(world, '#/integrations')
  await page.route('**/console/session', (route) => route.abort())
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are still signed in').waitFor()
  await everyLook(page, 'still-signed-in')
})

it('loads as soon as Mailgrant responds again', async () => {
  const page = await openConsole(world, '#/integrations')
  await page.route('**/console/session', (route) => route.abort())
  await page.reload()
  await page.getByText('Mailgrant is not responding').waitFor()
  await everyLook(page, 'not-opened')
  await page.unroute('**/console/session')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Microsoft settings' }).waitFor()
})
