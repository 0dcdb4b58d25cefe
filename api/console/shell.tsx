/** The frame around every page: navigation, who is signed in, and the page itself. */
import { Fragment } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Scope } from '../../schema/api-key.ts'
import { Button } from './components/button.tsx'
import { Icon, type IconName } from './components/icon.tsx'
import { ProblemNotice } from './components/notice.tsx'
import { useAction } from './components/use-action.ts'
import { loadPage } from './load-page.tsx'
import { may, setScopes } from './rights.ts'
import {
  type Arrival,
  clearLeaveGuards,
  type Match,
  mayLeave,
  type Page,
  type Route,
  startRouter,
} from './router.ts'
import { type Session, signOut } from './session.ts'
import { renewInDialog } from './sign-in.tsx'

/** An entry of the navigation, or the heading of a group. `scope`: required to open the page, `read` by default. */
export type NavEntry =
  | { icon: IconName; label: string; href: string; scope?: Scope }
  | { group: string }

type Shown = Page & {
  /** Number of the visit, so that each page starts fresh, also at the same address. */
  visit: number
  /** False if it continues the previous page, which has the same key. */
  isNew: boolean
  /** The first page leaves the focus where it is. */
  takesFocus: boolean
  /** Scroll position to restore, if the person comes back to the page. */
  scroll: number | null
  /** Address of the previous page. */
  from: string
}

export function Shell(props: {
  session: Session
  entries: readonly NavEntry[]
  routes: readonly Route[]
}) {
  const { entries, routes } = props
  const [session, setSession] = useState(props.session)
  const address = useRef(location.hash)
  const [isLoading, setLoading] = useState(true)
  const [isMenuOpen, openMenu] = useState(false)
  const [shown, setShown] = useState<Shown | null>(null)
  const main = useRef<HTMLElement>(null)
  setScopes(session.scopes)

  /** Shows the page of a match; what was shown stays until it is ready. */
  async function show(match: Match | null, arrival: Arrival): Promise<void> {
    const from = address.current
    address.current = location.hash
    setLoading(true)
    const page = await loadPage(match, arrival).catch((error: unknown) => {
      // Requests of a page that was left meanwhile are aborted, which is an error as well.
      if (!arrival.signal.aborted) throw error
      return null
    })
    if (page === null || arrival.signal.aborted) return
    openMenu(false)
    setLoading(false)
    const takesFocus = match !== null && document.activeElement !== document.body
    setShown((before) => {
      const isNew = page.key === undefined || page.key !== before?.key
      const visit = (before?.visit ?? 0) + (isNew ? 1 : 0)
      return { ...page, isNew, visit, takesFocus, scroll: arrival.scroll, from }
    })
  }

  useEffect(() => {
    if (main.current) keepFocus(main.current)
    renewInDialog(setSession)
    startRouter(routes, show)
  }, [])
  useLayoutEffect(() => {
    if (shown === null) return
    document.title = `${shown.title} - Mailgrant`
    const { isNew, takesFocus, scroll, from } = shown
    if (isNew || scroll !== null) window.scrollTo(0, scroll ?? 0)
    if (!isNew) return
    const heading = main.current?.querySelector('h1')
    heading?.setAttribute('tabindex', '-1')
    if (!takesFocus) return
    // A person who comes back continues at the link that they followed. Otherwise the heading takes the focus, so that
    // a screen reader announces the page.
    const links = scroll === null ? [] : (main.current?.querySelectorAll('a') ?? [])
    const followed = [...links].find(({ hash }) => hash === from)
    ;(followed ?? heading)?.focus({ preventScroll: true })
  }, [shown])

  return (
    <div class="frame">
      <header class="side">
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          Skip to content
        </button>
        <a class="brand" href="#/">
          Mailgrant
        </a>
        <button
          class="menu-button"
          type="button"
          aria-expanded={isMenuOpen}
          aria-controls="menu"
          onClick={() => openMenu(!isMenuOpen)}
        >
          Menu
        </button>
        <div class="menu" id="menu">
          <Navigation entries={entries} address={address.current} />
          <SignedIn session={session} />
        </div>
      </header>
      <main id="main" tabIndex={-1} aria-busy={isLoading || undefined} ref={main}>
        {shown && <Fragment key={shown.visit}>{shown.content}</Fragment>}
      </main>
    </div>
  )
}

function Navigation({ entries, address }: { entries: readonly NavEntry[]; address: string }) {
  const current = entryOf(entries, address)
  return (
    <nav aria-label="Pages">
      <ul>
        {entries.map((entry) =>
          'group' in entry ? (
            <li key={entry.group} class="nav-group" hidden={!may('read')}>
              {entry.group}
            </li>
          ) : (
            <li key={entry.href} hidden={!may(entry.scope ?? 'read')}>
              <a href={entry.href} aria-current={entry.href === current ? 'page' : undefined}>
                <Icon name={entry.icon} />
                {entry.label}
              </a>
            </li>
          ),
        )}
      </ul>
    </nav>
  )
}

/** Returns the href of the entry whose address the page's begins with, the longest one. */
function entryOf(entries: readonly NavEntry[], address: string): string | undefined {
  const [path = ''] = (address || '#/').split('?')
  return entries
    .flatMap((entry) => ('href' in entry ? entry.href : []))
    .filter((href) => (href === '#/' ? path === '#/' : `${path}/`.startsWith(`${href}/`)))
    .sort((a, b) => b.length - a.length)[0]
}

function SignedIn({ session: { key, person } }: { session: Session }) {
  const { busy, problem, run } = useAction()
  const leave = async () => {
    if (mayLeave()) await signOut().then(forgetPage)
  }
  return (
    <>
      <div class="who">
        {/* The root key has no name of its own. */}
        <span>
          {person
            ? `Signed in as ${person.name}`
            : `Signed in with ${key?.id === 'root' ? 'the root key' : key?.name}`}
        </span>
        <Button class="link" busy={busy} onClick={() => run(leave)}>
          Sign out
        </Button>
      </div>
      <div role="alert">
        {problem && <ProblemNotice problem={{ ...problem, title: 'You are still signed in' }} />}
      </div>
    </>
  )
}

/** Clears the page, since the browser keeps it in memory, and the next person must not see it by going back. */
function forgetPage(): void {
  clearLeaveGuards()
  document.body.replaceChildren()
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  location.assign('/console/')
}

// Keeps the focus on the page when the focused element disappears, such as "Stop" when the work is
// done.

/** Time for the page to move the focus itself. */
const GRACE_MS = 100

const FOCUSABLE = 'a[href], button, input, select, textarea, summary'

/** Moves a lost focus to the nearest focusable element around the one that disappeared, or else to the heading. */
function keepFocus(main: HTMLElement): void {
  /** The last focused element and its ancestors within `main`. */
  let path: HTMLElement[] = []
  /** The button whose work was running then. "Stop" gives the focus back to it. */
  let starter: HTMLElement | null | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function restore(): void {
    if (path[0]?.isConnected !== false || document.activeElement !== document.body) return
    const remaining = path.filter(({ isConnected }) => isConnected)
    // Work that still runs moves the focus when it ends.
    if (remaining.some((element) => element.querySelector('[aria-busy=true]'))) return
    const candidates = remaining.flatMap((element) => [
      ...element.querySelectorAll<HTMLElement>(FOCUSABLE),
    ])
    const heading = main.querySelector('h1')
    heading?.setAttribute('tabindex', '-1')
    for (const candidate of [starter, ...candidates, heading]) {
      candidate?.focus({ preventScroll: true })
      if (document.activeElement === candidate) return
    }
  }
  main.addEventListener('focusin', (event) => {
    const ancestors = event.composedPath() as HTMLElement[]
    path = ancestors.slice(0, ancestors.indexOf(main))
    starter = path
      .map((element) => element.querySelector<HTMLElement>('[aria-busy=true]'))
      .find(Boolean)
  })
  new MutationObserver(() => {
    clearTimeout(timer)
    timer = setTimeout(restore, GRACE_MS)
  }).observe(main, { childList: true, subtree: true, attributeFilter: ['aria-busy'] })
}
