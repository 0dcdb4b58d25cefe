/** The frame around every page: navigation, who is signed in, and where the page goes. */
import type { Scope } from '../../schema/api-key.ts'
import { ApiError } from './api.ts'
import { fill, h } from './dom.ts'
import { holdScopes, may } from './rights.ts'
import { type Arrival, go, letGo, type Match, mayLeave, type Page, type Visit } from './router.ts'
import { type Session, signOut } from './session.ts'
import { whileBusy } from './ui/busy.ts'
import { problemNotice } from './ui/notice.ts'

/** `needs`: the right without which the page cannot be opened, `read` if not said. */
export type Entry = { label: string; href: string; needs?: Scope } | { group: string }

export function createShell(root: HTMLElement, session: Session, entries: readonly Entry[]) {
  const main = h('main', { id: 'main', tabindex: '-1' })
  const links: HTMLAnchorElement[] = []
  const needing: [item: HTMLElement, scope: Scope][] = []
  const items = entries.map((entry) => {
    const isGroup = 'group' in entry
    const item = isGroup ? h('li', { class: 'nav-group' }, entry.group) : h('li', {})
    needing.push([item, isGroup ? 'read' : (entry.needs ?? 'read')])
    if (!isGroup) {
      const link = h('a', { href: entry.href }, entry.label)
      links.push(link)
      item.append(link)
    }
    return item
  })
  const menu = h(
    'button',
    { class: 'menu-button', type: 'button', 'aria-expanded': 'false', 'aria-controls': 'menu' },
    'Menu',
  )
  const who = h('span', {})
  const wrong = h('div', { role: 'alert' })
  const out = h(
    'button',
    { class: 'link', type: 'button', onclick: () => void whileBusy(out, () => leave(wrong)) },
    'Sign out',
  )
  const signedIn = ({ key }: Session) => {
    holdScopes(key.scopes)
    for (const [item, scope] of needing) item.hidden = !may(scope)
    fill(who, `Signed in with ${keyName(key)}`)
  }
  signedIn(session)
  const open = (isOpen: boolean) => menu.setAttribute('aria-expanded', String(isOpen))
  menu.addEventListener('click', () => open(menu.getAttribute('aria-expanded') === 'false'))
  fill(
    root,
    h(
      'div',
      { class: 'frame' },
      h(
        'header',
        { class: 'side' },
        h('a', { class: 'skip', href: '#main', onclick: skipTo(main) }, 'Skip to the page'),
        h('a', { class: 'brand', href: '#/' }, 'Mailgrant'),
        menu,
        h(
          'div',
          { class: 'menu', id: 'menu' },
          h('nav', { 'aria-label': 'Pages' }, h('ul', {}, items)),
          h('div', { class: 'who' }, who, out),
          wrong,
        ),
      ),
      main,
    ),
  )

  /** Ends the page that is shown. */
  let shown = new AbortController()

  /** Shows the page of a match; what was shown stays until it is ready. */
  async function show(match: Match | null, arrival: Arrival): Promise<void> {
    main.setAttribute('aria-busy', 'true')
    mark(links, location.hash)
    const next = new AbortController()
    const visit = { ...arrival, replaced: next.signal }
    const page = await build(match, visit).catch((error: unknown) => {
      // What was asked for a page that is not wanted any more ends with an error of its own.
      if (!visit.signal.aborted) throw error
      return null
    })
    if (page === null || visit.signal.aborted) {
      next.abort()
      return
    }
    open(false)
    main.removeAttribute('aria-busy')
    document.title = `${page.title} - Mailgrant`
    const acted = document.activeElement !== document.body
    shown.abort()
    shown = next
    fill(main, page.content)
    window.scrollTo(0, 0)
    const heading = main.querySelector('h1')
    heading?.setAttribute('tabindex', '-1')
    // A screen reader hears which page has come; the first page leaves the focus where it is.
    if (match !== null && acted) heading?.focus()
  }

  return { show, signedIn }
}

async function build(match: Match | null, visit: Omit<Visit, 'params' | 'query'>): Promise<Page> {
  if (match === null) {
    return message('There is no such page', {
      title: 'This address leads nowhere',
      detail: 'Choose a page from the navigation.',
    })
  }
  try {
    return await match.route.page({ ...visit, params: match.params, query: match.query })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.problem.code === 'not_found') {
      return message('This is not there any more', {
        title: 'It was deleted, or the address is not complete',
        detail: 'Choose a page from the navigation.',
      })
    }
    // Of a key that may not, another try changes nothing.
    return error.problem.code === 'insufficient_scope'
      ? message('Your API key does not open this page', error.problem, otherKey())
      : message('This page could not be loaded', error.problem, again())
  }
}

const again = () => h('button', { type: 'button', onclick: () => go(location.hash) }, 'Try again')

const otherKey = () =>
  h('p', { class: 'quiet' }, 'To see it, sign out, and sign in with a key that may.')

const message = (
  title: string,
  problem: { title: string; detail: string },
  way: HTMLElement | null = null,
): Page => ({
  title,
  content: h(
    'div',
    {},
    h('div', { class: 'head' }, h('h1', {}, title)),
    problemNotice(problem),
    way,
  ),
})

/** The entry whose address the page's begins with, the longest one. */
function mark(links: readonly HTMLAnchorElement[], hash: string): void {
  const [path = ''] = (hash || '#/').split('?')
  const [best] = links
    .map((link) => link.getAttribute('href') ?? '')
    .filter((href) => (href === '#/' ? path === '#/' : `${path}/`.startsWith(`${href}/`)))
    .sort((a, b) => b.length - a.length)
  for (const link of links) {
    if (link.getAttribute('href') === best) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

/** The root key has no name of its own. */
const keyName = ({ id, name }: Session['key']) => (id === 'root' ? 'the root key' : name)

const skipTo = (main: HTMLElement) => (event: Event) => {
  event.preventDefault()
  main.focus()
}

/** The browser keeps pages in memory: whoever goes back must not see what was shown to another. */
async function leave(wrong: HTMLElement): Promise<void> {
  fill(wrong)
  if (!mayLeave()) return
  try {
    await signOut()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    fill(wrong, problemNotice({ ...error.problem, title: 'You are still signed in' }))
    return
  }
  letGo()
  document.body.replaceChildren()
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  location.assign('/console/')
}
