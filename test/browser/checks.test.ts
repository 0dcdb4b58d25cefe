import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startBrowser } from './browser.ts'
import { expectAccessible, expectClean, expectNoSideScroll } from './checks.ts'

let browser: Awaited<ReturnType<typeof startBrowser>>
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.stop())

const frame = (body: string) =>
  `<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">
  <main><h1>A page</h1>${body}</main></html>`

async function show(body: string): Promise<Page> {
  const page = await browser.newPage({ width: 375 })
  await page.route('http://page.test/', (route) =>
    route.fulfill({ contentType: 'text/html', body: frame(body) }),
  )
  await page.goto('http://page.test/')
  return page
}

describe('the checks', () => {
  it('find nothing wrong with a correct page', async () => {
    const page = await show('<label>Name <input></label>')
    await expectAccessible(page)
    await expectNoSideScroll(page)
    expectClean(page)
  })

  it('find a field without a label', async () => {
    const page = await show('<input>')
    await expect(expectAccessible(page)).rejects.toThrow(/label/)
  })

  it('find an element that is wider than the window', async () => {
    const page = await show('<div style="width: 900px">wide</div>')
    await expect(expectNoSideScroll(page)).rejects.toThrow(/wide/)
  })

  it.each([
    ['an error on the console', 'console.error("bad luck")', /bad luck/],
    ['an uncaught error', 'setTimeout(() => { throw new Error("worse luck") })', /worse luck/],
    ['a request to another origin', 'fetch("http://127.0.0.1:1/x")', /requests http:\/\/127\.0\.0/],
  ])('find %s', async (_what, script, found) => {
    const page = await show('')
    await page.evaluate(script).catch(() => {})
    await vi.waitFor(() => expect(() => expectClean(page)).toThrow(found), 10_000)
  })
})
