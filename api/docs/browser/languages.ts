/** Remembers the language of the samples in the URL, and takes it along to other pages. */
const PARAMETER = 'lang'

export function setUpLanguages(): void {
  const chosen = new URL(location.href).searchParams.get(PARAMETER)
  const inputs = document.querySelectorAll<HTMLInputElement>('input[name="language"]')
  for (const input of inputs) {
    if (input.value === chosen) input.checked = true
    input.addEventListener('change', () => remember(input.value))
  }
  if (chosen !== null) addToLinks(chosen)
}

function remember(language: string): void {
  const url = new URL(location.href)
  url.searchParams.set(PARAMETER, language)
  history.replaceState(history.state, '', url)
  addToLinks(language)
}

function addToLinks(language: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="/docs"]')) {
    link.search = `?${PARAMETER}=${encodeURIComponent(language)}`
  }
}

/** Returns the path with the language of this page. */
export function withLanguage(path: string): string {
  const url = new URL(path, location.origin)
  const language = new URL(location.href).searchParams.get(PARAMETER)
  if (language !== null) url.searchParams.set(PARAMETER, language)
  return url.href
}
