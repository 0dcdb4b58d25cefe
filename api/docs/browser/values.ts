/** Fills the reader's own values into the samples. They are kept in the fields only. */
const NAMES: Record<string, string> = {
  url: 'Base URL',
  ma: 'Email account ID',
  gr: 'Grant ID',
  az: 'Authorization ID',
  va: 'Validation ID',
  wh: 'Webhook ID',
  key: 'API key ID',
}

export function setUpValues(): void {
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
