/** What goes wrong in a page without anybody seeing it: errors, and requests to other origins. */
import type { Page } from 'playwright-core'

export type Watch = {
  consoleErrors: string[]
  pageErrors: string[]
  /** Each `{from, to}`: the page that asked, and what it asked for. Going to another page is none. */
  foreignRequests: { from: string; to: string }[]
}

const watches = new WeakMap<Page, Watch>()

const originOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).origin : null)

/** From now on `watchOf(page)` tells what went wrong in this page. */
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
  if (watch === undefined) throw new Error('This page does not come from a browser world.')
  return watch
}
