import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function emailAccountsPage(): Promise<Page> {
  return { title: 'Email accounts', content: h('div', {}, head('Email accounts')) }
}
