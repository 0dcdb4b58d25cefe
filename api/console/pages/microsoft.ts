import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function microsoftPage(): Promise<Page> {
  return { title: 'Microsoft settings', content: h('div', {}, head('Microsoft settings')) }
}
