/** Shows a view until another page takes its place. */
import { type ComponentChild, render } from 'preact'
import type { Visit } from '../router.ts'

/**
 * Returns an element with the view. It stays, with its focus, while the next page loads; once that is
 * shown, the view ends with its effects.
 */
export function mount(view: ComponentChild, { replaced }: Pick<Visit, 'replaced'>): HTMLElement {
  const place = document.createElement('div')
  render(view, place)
  replaced.addEventListener('abort', () => render(null, place), { once: true })
  return place
}
