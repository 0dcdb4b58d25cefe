/** The connection to the API: slow, down, or intercepted. */
import { expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { goTo, NO_SESSION, openConsole } from './console.ts'
import { browserWorld } from './world.ts'

const world = browserWorld({ without: ['checker', 'mail', 'third-party'] })

it('shows the page that was requested last and no errors of the others', async () => {
  const page = await openConsole(world)
  await page.evaluate(async () => {
    for (const hash of ['#/mailboxes', '#/events', '#/integrations/microsoft', '#/webhooks']) {
      location.hash = hash
      await new Promise((resolve) => setTimeout(resolve))
    }
  })
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
  expectClean(page, { consoleErrors: NO_SESSION })
})

it('shows that a page is loading', async () => {
  const page = await openConsole(world)
  const held = Promise.withResolvers<void>()
  await page.route('**/v1/webhooks**', async (route) => {
    await held.promise
    await route.continue()
  })
  await page.goto(`${world.urls.api}/console/#/webhooks`)
  await page.reload()
  const main = page.locator('main[aria-busy="true"]')
  await main.waitFor({ state: 'attached' })
  const seen = () =>
    main.evaluate((element) => {
      const { content, opacity } = getComputedStyle(element, '::after')
      return `${content} ${opacity}`
    })
  await expect.poll(seen).toBe('"Loading…" 1')
  held.resolve()
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
})

it.each([
  ['nothing answers', 'Mailgrant is not responding', undefined],
  ['a proxy answers with a page of its own', 'Unexpected response: 200', '<html>Welcome</html>'],
])('a page that could not be loaded is tried again: %s', async (_how, title, body) => {
  const page = await openConsole(world)
  await page.route('**/v1/**', (route) =>
    body === undefined ? route.abort() : route.fulfill({ contentType: 'text/html', body }),
  )
  await goTo(page, '#/webhooks')
  await page.getByText(title, { exact: true }).waitFor()
  await everyLook(page, 'not-loaded')
  await page.unroute('**/v1/**')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
})

it('creates only one account if the response to the form is lost', async () => {
  const page = await openConsole(world, '#/mailboxes/new?protocols=imap')
  await page.getByLabel('Mailbox', { exact: true }).fill('olga@contoso.test')
  await page.getByLabel('Authentication', { exact: true }).selectOption({ label: 'Password' })
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await page.route(
    '**/v1/mail-accounts',
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Save anyway' }).click()
  await page.getByText('The change may have been made.').waitFor()
  await everyLook(page, 'no-answer')
  await page.getByRole('button', { name: 'Save anyway' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts')
  expect(data).toHaveLength(1)
})
