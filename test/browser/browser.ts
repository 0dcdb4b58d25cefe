/** A Chromium whose pages are watched from the first request on, each in a context of its own. */
import { chromium, type Page } from 'playwright-core'
import { requireChromium } from './needs.ts'
import { watchPage } from './watch.ts'

export type Scheme = 'light' | 'dark'
export type PageOptions = { width?: number; height?: number; scheme?: Scheme }

/** How long a page may take to show what is expected, on a busy machine. Milliseconds. */
const PATIENCE = 20_000

export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    // Chromium's sandbox does not work for root, which is who tests in a container.
    chromiumSandbox: process.getuid?.() !== 0,
    // Small machines and containers have a small /dev/shm.
    args: ['--disable-dev-shm-usage'],
  })

  /** No cookie and no storage is shared with another page from here, but with its own popups. */
  async function newPage(how: PageOptions = {}): Promise<Page> {
    const { width = 1280, height = 800, scheme = 'light' } = how
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: 'reduce',
      locale: 'en-US',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    context.setDefaultTimeout(PATIENCE)
    // The first page of a Worker that has just started comes late.
    context.setDefaultNavigationTimeout(2 * PATIENCE)
    context.on('page', watchPage)
    return context.newPage()
  }

  return { browser, newPage, stop: () => browser.close() }
}
