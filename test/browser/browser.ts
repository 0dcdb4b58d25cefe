/** A Chromium whose pages are watched from the first request on, each in its own context. */
import { chromium, type Page } from 'playwright-core'
import { watchPage } from './page-errors.ts'
import { requireChromium } from './requirements.ts'

export type Scheme = 'light' | 'dark'
export type PageOptions = { width?: number; height?: number; scheme?: Scheme; locale?: string }

/** Longest wait for the expected content on a busy machine. */
const TIMEOUT_MS = 20_000

export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    // Chromium's sandbox does not work as root, the usual user in a container.
    chromiumSandbox: process.getuid?.() !== 0,
    // Small machines and containers have a small /dev/shm.
    args: ['--disable-dev-shm-usage'],
  })

  /** Opens a page that shares cookies and storage only with its own popups. */
  async function newPage(options: PageOptions = {}): Promise<Page> {
    const { width = 1280, height = 800, scheme = 'light', locale = 'en-US' } = options
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: 'reduce',
      locale,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    context.setDefaultTimeout(TIMEOUT_MS)
    // The first page of a Worker that has just started is slow.
    context.setDefaultNavigationTimeout(2 * TIMEOUT_MS)
    context.on('page', watchPage)
    return context.newPage()
  }

  return { browser, newPage, stop: () => browser.close() }
}
