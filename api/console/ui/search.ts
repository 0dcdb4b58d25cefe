/** Finds something in a long list by what is typed. */
import { fill, h } from '../dom.ts'

/** More than fit beside each other on a screen. */
export const MANY = 8

/** Every word of `search` must be somewhere in the text, in any order and case. */
export function hasWords(text: string, search: string): boolean {
  const where = text.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word))
}

/** `show` hears what is searched and tells whether anything is found. */
export function searchField(label: string, show: (search: string) => boolean): HTMLElement {
  const input = h('input', { type: 'search', 'aria-label': label, placeholder: label })
  const none = h('div', { class: 'help', role: 'status' })
  input.addEventListener('input', () => {
    fill(none, !show(input.value) && 'Nothing is called like this.')
  })
  input.addEventListener('keydown', (event) => {
    // Enter belongs to the search here, not to the form around it.
    if (event.key === 'Enter') event.preventDefault()
  })
  return h('div', { class: 'search' }, input, none)
}
