/** The script of all pages of the documentation. Without it they lack the search, and nothing else that matters. */
import { setUpLanguages } from './languages.ts'
import { setUpSearch } from './search-box.ts'

/** Labels of the fields for the reader's own values. */
const NAMES: Record<string, string> = {
  url: 'Base URL',
  ma: 'Email account ID',
  gr: 'Grant ID',
  az: 'Authorization ID',
  va: 'Validation ID',
  wh: 'Webhook ID',
  key: 'API key ID',
}

showCurrentEntry()
setUpSearch()
setUpLanguages()
setUpValues()
setUpCopying()

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

/** Scrolls a long navigation to the entry of this page. */
function showCurrentEntry(): void {
  const navigation = document.getElementById('navigation')
  const entry = navigation?.querySelector<HTMLElement>('[aria-current]')
  if (!navigation || !entry) return
  const hidden = entry.offsetTop + entry.offsetHeight - navigation.clientHeight
  if (hidden > 0) navigation.scrollTop = hidden + navigation.clientHeight / 2
}

/** Fills the reader's own values into the samples. They are kept in the fields only. */
function setUpValues(): void {
  const box = document.getElementById('values')
  const places = [...document.querySelectorAll<HTMLElement>('var[data-value]')]
  const kinds = [...new Set(places.map(({ dataset }) => dataset.value ?? ''))]
  const form = box?.querySelector('form')
  if (!box || !form) return
  for (const kind of kinds.filter((each) => each in NAMES)) {
    const own = places.filter(({ dataset }) => dataset.value === kind)
    form.append(createField(NAMES[kind] ?? kind, own))
  }
  form.addEventListener('submit', (event) => event.preventDefault())
  box.hidden = form.querySelector('input') === null
}

function createField(name: string, places: readonly HTMLElement[]): HTMLElement {
  const label = document.createElement('label')
  const input = document.createElement('input')
  const initial = places[0]?.textContent ?? ''
  input.placeholder = initial
  input.autocomplete = 'off'
  input.spellcheck = false
  input.addEventListener('input', () => {
    // Nothing that would end the quotes around it.
    const value = input.value.trim().replace(/[^\w:/.[\]-]/g, '')
    for (const place of places) place.textContent = value || initial
  })
  label.append(name, input)
  return label
}
