/** Finds the page of an address. Addresses are fragments, so that the server needs to know none. */
import type { ComponentChildren } from 'preact'

/** A visit to a page. */
export type Visit = {
  /** The parts of the address that the pattern names, decoded. */
  params: Record<string, string>
  query: URLSearchParams
  /** Aborts when the person leaves for another page, which may still have to load. */
  signal: AbortSignal
}

export type Page = {
  /** Title of the window. */
  title: string
  /** The rest of the page, heading and all. */
  content: ComponentChildren
  /** A page with the same key takes its place without beginning again. It keeps focus and scroll. */
  key?: string
}

export type Route = { pattern: string; page: (visit: Visit) => Promise<Page> }

/** The code of a page could not be loaded, because Mailgrant was updated meanwhile, or cannot be reached. */
export class MissingCode extends Error {}

export type Match = { route: Route; params: Record<string, string>; query: URLSearchParams }

/** Returns the first route whose pattern, such as `mailboxes/:id`, matches the fragment; null if none does. */
export function match(routes: readonly Route[], fragment: string): Match | null {
  const [path = '', search = ''] = fragment.replace(/^#?\/?/, '').split('?')
  const parts = path.split('/').filter(Boolean)
  for (const route of routes) {
    const names = route.pattern.split('/').filter(Boolean)
    if (names.length !== parts.length) continue
    const params: Record<string, string> = {}
    const fits = names.every((name, index) => {
      const part = decode(parts[index] ?? '')
      if (name.startsWith(':')) params[name.slice(1)] = part
      return name.startsWith(':') || name === part
    })
    if (fits) return { route, params, query: new URLSearchParams(search) }
  }
  return null
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Goes to an address as a link would. The same address is loaded again. */
export function go(fragment: string): void {
  if (location.hash === fragment) window.dispatchEvent(new HashChangeEvent('hashchange'))
  else location.hash = fragment
}

/** Changes the address of this entry of the history, and shows its page. */
export function replaceAddress(fragment: string): void {
  history.replaceState(history.state, '', fragment)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

type LeaveGuard = () => string | null

const leaveGuards = new Set<LeaveGuard>()

/** Calls the guard before the page is left. It returns a warning, or null. Returns a function that removes it. */
export function addLeaveGuard(guard: LeaveGuard): () => void {
  leaveGuards.add(guard)
  return () => leaveGuards.delete(guard)
}

/** Lets the page be left without a warning. */
export const clearLeaveGuards = () => leaveGuards.clear()

/** Returns the warning of the latest guard that has one, such as for a secret that is shown only once. */
export const leaveWarning = () =>
  [...leaveGuards].map((guard) => guard()).findLast((warning) => warning !== null) ?? null

/** Asks with the warning of the page, if there is one. Returns true if it may be left. */
export function mayLeave(): boolean {
  const warning = leaveWarning()
  return warning === null || window.confirm(warning)
}

/** State of an entry of the browser's history. Both are null for a new entry. */
type EntryState = {
  /** Position of the entry in the history of the tab, from 0. */
  index: number | null
  /** Scroll position when it was left. */
  scroll: number | null
}

const readEntry = (): EntryState => history.state ?? { index: null, scroll: null }

const writeEntry = (entry: EntryState) => history.replaceState(entry, '')

/** Time without scrolling after which the position is written, since browsers limit how often. */
const SCROLL_MS = 150

/** The part of a visit that the router knows. */
export type Arrival = Pick<Visit, 'signal'> & {
  /** Scroll position to restore, if the person comes back to the page. */
  scroll: number | null
}

/**
 * Calls `show` for every address until the window is closed, unless the person stays on the page because of its
 * warning.
 */
export function startRouter(
  routes: readonly Route[],
  show: (match: Match | null, visit: Arrival) => Promise<void>,
): void {
  let visit = new AbortController()
  /** The address of the page on display. */
  let address = location.hash
  let index = readEntry().index ?? 0
  let isReturning = false
  let scrollTimer: ReturnType<typeof setTimeout> | undefined

  const arrive = () => {
    if (isReturning) {
      isReturning = false
      return
    }
    const entry = readEntry()
    // Only a link or a typed address creates a new entry.
    const newIndex = entry.index ?? (location.hash === address ? index : index + 1)
    if (location.hash !== address && !mayLeave()) {
      // Back to the entry that was left, however far that is. The others stay as they are.
      isReturning = true
      history.go(index - newIndex)
      return
    }
    clearTimeout(scrollTimer)
    index = newIndex
    address = location.hash
    writeEntry({ index, scroll: entry.scroll })
    clearLeaveGuards()
    visit.abort()
    visit = new AbortController()
    void show(match(routes, address), { signal: visit.signal, scroll: entry.scroll })
  }

  window.addEventListener('hashchange', arrive)
  // A click on a link to the page on display replaces its entry in the browser's history by one without state. No
  // `hashchange` follows, so the state is written again here.
  window.addEventListener('popstate', () => {
    if (location.hash === address && readEntry().index === null) writeEntry({ index, scroll: null })
  })
  // The browser would scroll before the page is there.
  history.scrollRestoration = 'manual'
  window.addEventListener('scroll', () => {
    clearTimeout(scrollTimer)
    scrollTimer = setTimeout(() => {
      if (location.hash === address) writeEntry({ index, scroll: window.scrollY })
    }, SCROLL_MS)
  })
  window.addEventListener('beforeunload', (event) => {
    if (leaveWarning() !== null) event.preventDefault()
  })
  arrive()
}
