/** Finds the page of an address. Addresses are fragments, so that the server needs to know none. */
import type { ComponentChildren } from 'preact'

/** A visit to a page. */
export type Visit = {
  /** The parts of the address that the pattern names, decoded. */
  params: Record<string, string>
  query: URLSearchParams
  /** Aborts when the reader leaves for another page, which may still have to load. */
  signal: AbortSignal
}

export type Page = {
  /** Title of the window. */
  title: string
  /** The rest of the page, heading and all. */
  content: ComponentChildren
  /** A page with the same key takes its place without beginning again: it keeps focus and scroll. */
  key?: string
}

export type Route = { pattern: string; page: (visit: Visit) => Promise<Page> }

/** The code of a page is not at the address where it was when the console was opened, or cannot be reached. */
export class MissingCode extends Error {}

export type Match = { route: Route; params: Record<string, string>; query: URLSearchParams }

/** `#/email-accounts/:id?x=1`: the first pattern of the same length whose fixed parts are equal. */
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

/** Calls the guard before the page is left: it returns a warning, or null. Returns a function that removes it. */
export function addLeaveGuard(guard: LeaveGuard): () => void {
  leaveGuards.add(guard)
  return () => leaveGuards.delete(guard)
}

/** Lets the page be left without a warning. */
export const clearLeaveGuards = () => leaveGuards.clear()

/** Returns the warning of the latest guard that has one, such as that of a secret which was just shown. */
const leaveWarning = () =>
  [...leaveGuards].map((guard) => guard()).findLast((warning) => warning !== null) ?? null

/** Asks with the warning of the page, if there is one. Returns true if it may be left. */
export function mayLeave(): boolean {
  const warning = leaveWarning()
  return warning === null || window.confirm(warning)
}

type EntryState = { place?: number; scroll?: number } | null

/** Returns the number of this entry in the browser's history; null for one that is new. */
const place = (): number | null => (history.state as EntryState)?.place ?? null

/** Returns how far this entry was scrolled when it was left; null for one that is new. */
const scrolled = (): number | null => (history.state as EntryState)?.scroll ?? null

const mark = (at: number, scroll: number | null) => history.replaceState({ place: at, scroll }, '')

/** Time without scrolling after which the position is noted: browsers limit how often. */
const SCROLL_MS = 150

/** The part of a visit that the router knows. */
export type Arrival = Pick<Visit, 'signal'> & {
  /** Scroll position to restore, if the reader comes back to the page. */
  scroll: number | null
}

/** Calls `show` for every address until the window is closed, unless the reader stays on the page before. */
export function startRouter(
  routes: readonly Route[],
  show: (match: Match | null, visit: Arrival) => Promise<void>,
): void {
  let left = new AbortController()
  let shown = location.hash
  let at = place() ?? 0
  let returning = false
  let scrolling: ReturnType<typeof setTimeout> | undefined

  const arrive = () => {
    if (returning) {
      returning = false
      return
    }
    // Only a link or a typed address creates a new entry.
    const to = place() ?? (location.hash === shown ? at : at + 1)
    if (location.hash !== shown && !mayLeave()) {
      // Back to the entry that was left, however far that is: the others stay as they are.
      returning = true
      history.go(at - to)
      return
    }
    at = to
    clearTimeout(scrolling)
    const scroll = scrolled()
    mark(at, scroll)
    shown = location.hash
    clearLeaveGuards()
    left.abort()
    left = new AbortController()
    void show(match(routes, shown), { signal: left.signal, scroll })
  }

  window.addEventListener('hashchange', arrive)
  // A link to the page that is shown takes its entry's place.
  window.addEventListener('popstate', () => {
    if (location.hash === shown && place() === null) mark(at, null)
  })
  // The browser would scroll before the page is there.
  history.scrollRestoration = 'manual'
  window.addEventListener('scroll', () => {
    clearTimeout(scrolling)
    scrolling = setTimeout(() => {
      if (location.hash === shown) mark(at, window.scrollY)
    }, SCROLL_MS)
  })
  window.addEventListener('beforeunload', (event) => {
    if (leaveWarning() !== null) event.preventDefault()
  })
  arrive()
}
