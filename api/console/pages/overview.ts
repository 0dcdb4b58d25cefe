import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function overviewPage(): Promise<Page> {
  return { title: 'Overview', content: h('div', {}, head('Overview')) }
}
