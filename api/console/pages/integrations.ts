import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function integrationsPage(): Promise<Page> {
  return {
    title: 'Third-Party Integrations',
    content: h('div', {}, head('Third-Party Integrations')),
  }
}
