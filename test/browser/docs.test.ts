import { afterAll, beforeAll, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['checker', 'mail', 'third-party'] })
})
afterAll(() => world?.stop())

async function openDocs() {
  const page = await world.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).origin))
  await page.goto(`${world.urls.api}/docs`)
  await page.getByText('/v1/authorizations', { exact: true }).first().waitFor()
  return { page, asked }
}

it('shows every operation of the document and loads only its own files', async () => {
  const { page, asked } = await openDocs()
  const document = await world.api.expect(200, 'GET', '/openapi.json')
  const paths = Object.keys(document.paths as object)
  expect(paths.length).toBeGreaterThan(20)
  const text = (await page.locator('body').textContent())?.replaceAll('\u200b', '') ?? ''
  expect(paths.filter((path) => !text.includes(path))).toEqual([])
  const foreign = asked.filter((origin) => origin !== world.urls.api)
  console.log(`/docs: ${asked.length} requests, ${foreign.length} of them to third parties`)
  expect(foreign).toEqual([])
  expectClean(page)
})

it('sends a request with the typed values and never with examples', async () => {
  const { page } = await openDocs()
  const sent: URL[] = []
  page.on('request', (request) => sent.push(new URL(request.url())))
  const call = page.locator('[id$=-listMailAccounts]')
  await call.locator('.opblock-summary-control').click()
  await call.getByRole('button', { name: 'Try it out' }).click()
  await call.getByLabel('username').fill('alice@contoso.test')
  await call.getByRole('button', { name: 'Execute' }).click()
  await call.getByText('401').first().waitFor()
  const tried = sent.find(({ pathname }) => pathname === '/v1/mail-accounts')
  expect(Object.fromEntries(tried?.searchParams ?? [])).toEqual({
    limit: '50',
    username: 'alice@contoso.test',
  })
})

it('is readable in every look', async () => {
  const { page } = await openDocs()
  await everyLook(page, 'docs')
  expectClean(page)
})

it.each([
  ['causes', '/docs/causes'],
  ['cause-with-command', '/docs/causes/smtp-auth-disabled-tenant'],
  ['cause-with-numbers', '/docs/causes/user-sign-in-refused'],
  ['cause-unknown', '/docs/causes/none'],
  ['mail-programs', '/docs/mail-programs'],
])('shows the page %s without a key, readable in every look', async (name, path) => {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}${path}`)
  await everyLook(page, name)
  expectClean(page, { consoleErrors: /404/ })
})
