/** The script of all pages of the documentation. Without it, the pages lack the search, the copy buttons and remembered choices. */
import { setUpSearch } from './search-box.ts'

const LANGUAGE = 'docs-language'

fillInAccount()
showCurrentEntry()
openTarget()
addEventListener('hashchange', openTarget)
setUpSearch()
setUpCopying()
setUpLanguages()

/** Replaces the example's email account by the ID in a link from the console, on this page and the next ones. */
function fillInAccount(): void {
  const account = new URLSearchParams(location.search).get('account') ?? ''
  if (!/^ma_[a-z2-7]{26}$/.test(account)) return
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    text.nodeValue = text.textContent?.replaceAll('ma_...', account) ?? null
  }
  for (const link of document.links) {
    const { origin, pathname } = link
    if (origin === location.origin && pathname.startsWith('/docs'))
      link.search = `?account=${account}`
  }
}

/** Adds a button to each block of code that copies it. */
function setUpCopying(): void {
  for (const block of document.querySelectorAll('figure.code')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', () => {
      const code = block.querySelector('code:not(figcaption code)')?.textContent ?? ''
      navigator.clipboard.writeText(code).then(
        () => say(button, 'Copied'),
        () => say(button, 'Not copied'),
      )
    })
    block.append(button)
  }
}

function say(button: HTMLElement, text: string): void {
  button.textContent = text
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 2000)
}

/** Opens the object that the address points at, and scrolls to it again. */
function openTarget(): void {
  const target = document.getElementById(location.hash.slice(1))
  if (!(target instanceof HTMLDetailsElement)) return
  target.open = true
  target.scrollIntoView()
}

/** Scrolls a long navigation to the entry of this page. */
function showCurrentEntry(): void {
  const navigation = document.getElementById('navigation')
  const entry = navigation?.querySelector<HTMLElement>('[aria-current]')
  if (!navigation || !entry) return
  const hidden = entry.offsetTop + entry.offsetHeight - navigation.clientHeight
  if (hidden > 0) navigation.scrollTop = hidden + navigation.clientHeight / 2
}

/**
 * Remembers the language of the samples in this browser. Must be called last, since localStorage throws if the browser
 * forbids it.
 */
function setUpLanguages(): void {
  const chosen = localStorage.getItem(LANGUAGE)
  for (const input of document.querySelectorAll<HTMLInputElement>('input[name="language"]')) {
    if (input.value === chosen) input.checked = true
    input.addEventListener('change', () => localStorage.setItem(LANGUAGE, input.value))
  }
}
