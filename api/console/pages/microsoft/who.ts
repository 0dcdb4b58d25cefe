/** Who may sign in: a choice in plain words, and a field for the tenant when it is one. */
import { h } from '../../dom.ts'
import { type Field, selectField, textField } from '../../ui/fields.ts'

const choices = [
  { value: 'common', label: 'Any Microsoft account' },
  { value: 'organizations', label: 'Any work or school account' },
  { value: 'consumers', label: 'Personal accounts only' },
  { value: 'one', label: 'One organisation only' },
] as const

export type WhoPart = {
  element: HTMLElement
  read: () => string
  write: (tenant: string) => void
  /** Where a complaint about the tenant belongs just now. */
  field: () => Field<HTMLSelectElement> | Field
}

export function whoPart(): WhoPart {
  const choice = selectField({ label: 'Who may sign in', options: choices })
  const one = textField({
    label: 'Tenant of this organisation',
    help: 'Its Directory (tenant) ID, or one of its domains such as contoso.com.',
  })
  const isOne = () => choice.input.value === 'one'
  const show = () => {
    one.element.hidden = !isOne()
    one.input.required = isOne()
  }
  choice.input.addEventListener('input', show)
  show()
  return {
    element: h('div', { class: 'fields' }, choice.element, one.element),
    read: () => (isOne() ? one.input.value.trim() : choice.input.value),
    write: (tenant) => {
      const known = choices.some(({ value }) => value === tenant)
      choice.input.value = known ? tenant : 'one'
      one.input.value = known ? '' : tenant
      show()
    },
    field: () => (isOne() ? one : choice),
  }
}
