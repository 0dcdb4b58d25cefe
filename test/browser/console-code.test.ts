/** The console's own files: how much a visit loads, and what happens when one is missing. */
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { arrived, goTo, NO_SESSION, signIn } from './console.ts'
import { browserWorld } from './world.ts'

const LIMIT_BYTES = 45_000

const world = browserWorld({ without: ['third-party'] })

const codeOfAdministration = /\/console\/administration-\w+\.js$/

it('loads at most 45 kB, gzipped, before another page than the overview is opened', async () => {
  const page = await world.newPage()
  const files = new Map<string, number>()
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url())
    if (!pathname.startsWith('/console/') || pathname.endsWith('/session')) return
    files.set(pathname, gzipSync(await response.body(), { level: 9 }).length)
  })
  const total = () => [...files.values()].reduce((sum, size) => sum + size, 0)
  await page.goto(`${world.urls.api}/console/`)
  await signIn(page, world.rootKey)
  await arrived(page)
  await page.waitForLoadState('networkidle')
  const first = total()
  await goTo(page, '#/webhooks')
  const hasCode = () => [...files.keys()].some((path) => codeOfAdministration.test(path))
  await expect.poll(hasCode).toBe(true)
  const list = [...files].map(([path, size]) => `${path} ${size}`).join(', ')
  console.log(`Console: ${first} bytes gzipped at first, ${total()} in all (${list})`)
  expect(first).toBeGreaterThan(20_000)
  expect(first).toBeLessThan(LIMIT_BYTES)
  expect(total()).toBeGreaterThan(first)
})

it('says that the code of a page is missing, and loads it after a reload', async () => {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/`)
  await signIn(page, world.rootKey)
  await arrived(page)
  // Simulates an update of the server, whose files then have other names.
  await page.route(codeOfAdministration, (route) => route.fulfill({ status: 404 }))
  await goTo(page, '#/webhooks')
  await page.getByText('The code of this page is missing').waitFor()
  await everyLook(page, 'missing-code')
  await page.unroute(codeOfAdministration)
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
  expectClean(page, { consoleErrors: new RegExp(`${NO_SESSION.source}|404|Failed to load`) })
})
