import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function eventsPage(): Promise<Page> {
  return { title: 'Events', content: h('div', {}, head('Events')) }
}
