import { h } from '../dom.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'

export async function diagnosisPage(): Promise<Page> {
  return { title: 'Diagnosis', content: h('div', {}, head('Diagnosis')) }
}
