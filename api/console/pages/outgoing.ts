import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function outgoingPage(): Promise<Page> {
  return { title: 'Outgoing email', content: h('div', {}, head('Outgoing email')) }
}
