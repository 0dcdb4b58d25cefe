/** What the next page has to tell of what was just done, once. */
import { type Children, fill, h } from '../dom.ts'
import { notice } from './notice.ts'

let waiting: HTMLElement | null = null

export function tellNext(title: string, ...more: Children[]): void {
  waiting = notice('good', title, more.length > 0 && h('div', {}, ...more))
}

/** Returns what is to be told, once, or null. */
export function takeTold(): HTMLElement | null {
  const told = waiting
  waiting = null
  return told
}

/** A status that speaks once it stands in the page: a screen reader hears only what changes. */
export function toldPlace(): HTMLElement {
  const place = h('div', { role: 'status' })
  const told = takeTold()
  if (told !== null) setTimeout(() => fill(place, told), 50)
  return place
}
