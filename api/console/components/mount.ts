/** Shows a view until its page is left. */
import { type ComponentChild, render } from 'preact'
import type { Visit } from '../router.ts'

/** Returns an element with the view, which ends, with its effects, when another page takes over. */
export function mount(view: ComponentChild, { signal }: Pick<Visit, 'signal'>): HTMLElement {
  const place = document.createElement('div')
  render(view, place)
  signal.addEventListener('abort', () => render(null, place), { once: true })
  return place
}
