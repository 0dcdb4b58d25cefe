import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function newEmailAccountPage(): Promise<Page> {
  return { title: 'New email account', content: h('div', {}, head('New email account')) }
}

export async function emailAccountPage(): Promise<Page> {
  return { title: 'Email account', content: h('div', {}, head('Email account')) }
}
