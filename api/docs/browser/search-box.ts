/** The search: a combobox whose results lead to pages. Its index is fetched when it is first used. */
import { findEntries, type SearchEntry } from './search.ts'

let index: Promise<SearchEntry[]> | undefined

/** Fetches the index once; a failed attempt is repeated at the next use. */
function loadIndex(): Promise<SearchEntry[]> {
  index ??= fetch('/docs/search.json').then((response) => {
    if (!response.ok) throw new Error(`/docs/search.json: ${response.status}`)
    return response.json()
  })
  index.catch(() => {
    index = undefined
  })
  return index
}

export function setUpSearch(): void {
  const box = document.querySelector('search')
  const input = document.querySelector<HTMLInputElement>('#search')
  const list = document.getElementById('results')
  const status = document.getElementById('found')
  if (!box || !input || !list || !status) return
  box.hidden = false

  let active = -1
  const options = () => [...list.children] as HTMLElement[]
  const show = (shown: boolean) => {
    list.hidden = !shown
    input.setAttribute('aria-expanded', String(shown))
    if (!shown) activate(-1)
  }
  const activate = (position: number) => {
    options()[active]?.setAttribute('aria-selected', 'false')
    active = position
    const option = options()[active]
    option?.setAttribute('aria-selected', 'true')
    option?.scrollIntoView({ block: 'nearest' })
    if (option) input.setAttribute('aria-activedescendant', option.id)
    else input.removeAttribute('aria-activedescendant')
  }
  const search = async () => {
    const query = input.value
    try {
      const found = findEntries(await loadIndex(), query)
      // The query has changed meanwhile.
      if (query !== input.value) return
      list.replaceChildren(...found.map(toOption))
      active = -1
      show(found.length > 0)
      if (found.length > 0) activate(0)
      status.textContent = query.trim() === '' ? '' : sayCount(found.length)
    } catch {
      status.textContent = 'The search could not be loaded. Check your connection and type again.'
    }
  }
  const go = (option: HTMLElement | undefined) => {
    if (option?.dataset.path === undefined) return
    show(false)
    input.value = ''
    // Keeps the query of this page, which has the account that the links contain.
    const url = new URL(option.dataset.path, location.href)
    url.search = location.search
    location.assign(url)
  }

  input.addEventListener('focus', () => void loadIndex().catch(() => {}))
  input.addEventListener('input', () => void search())
  input.addEventListener('blur', () => show(false))
  input.addEventListener('keydown', (event) => {
    const count = options().length
    if (event.key === 'Enter') go(options()[active])
    else if (event.key === 'Escape') {
      show(false)
      input.value = ''
    } else if (event.key === 'ArrowDown' && count > 0) {
      show(true)
      activate((active + 1) % count)
    } else if (event.key === 'ArrowUp' && count > 0) {
      show(true)
      activate((active - 1 + count) % count)
    } else return
    event.preventDefault()
  })
  // Not on click: the input would lose the focus before, and close the list.
  list.addEventListener('pointerdown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => {
    if (event.target instanceof Element) {
      go(event.target.closest<HTMLElement>('[role=option]') ?? undefined)
    }
  })
  document.addEventListener('keydown', (event) => {
    const typing =
      event.target instanceof Element && event.target.closest('input, textarea, select') !== null
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    input.focus()
  })
}

const sayCount = (count: number) =>
  count === 0 ? 'No matches.' : count === 1 ? '1 result' : `${count} results`

function toOption(entry: SearchEntry, position: number): HTMLElement {
  const option = document.createElement('div')
  option.id = `result-${position}`
  option.setAttribute('role', 'option')
  option.setAttribute('aria-selected', 'false')
  option.dataset.path = entry.path
  const title = document.createElement('span')
  title.textContent = entry.title
  const kind = document.createElement('small')
  kind.textContent = entry.kind
  const words = document.createElement('small')
  const isCode = entry.kind === 'API' || entry.kind === 'Problem'
  words.textContent = entry.page ?? (isCode ? entry.words : '')
  option.append(kind, title, words)
  return option
}
