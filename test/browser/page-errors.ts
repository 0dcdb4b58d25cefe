/** Recorder of invisible faults in a page: errors, and requests to other origins. */
import type { Page } from 'playwright-core'

export type Watch = {
  consoleErrors: string[]
  pageErrors: string[]
  /** Requests by page (`from`) and target (`to`), without navigations. */
  foreignRequests: { from: string; to: string }[]
}

const watches = new WeakMap<Page, Watch>()

const originOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).origin : null)

/** Starts recording the faults of this page for `watchOf(page)`. */
export function watchPage(page: Page): void {
  if (watches.has(page)) return
  const watch: Watch = { consoleErrors: [], pageErrors: [], foreignRequests: [] }
  watches.set(page, watch)
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    watch.consoleErrors.push(`${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => watch.pageErrors.push(error.stack ?? error.message))
  page.on('request', (request) => {
    const to = request.url()
    if (/^(?:data|blob|about):/.test(to)) return
    if (request.isNavigationRequest() && request.frame().parentFrame() === null) return
    const from = page.url()
    if (originOf(to) !== originOf(from)) watch.foreignRequests.push({ from, to })
  })
}

export function watchOf(page: Page): Watch {
  const watch = watches.get(page)
  if (watch === undefined) throw new Error('This page was not opened by a browser world.')
  return watch
}
