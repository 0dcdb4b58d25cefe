/** A field of the sign-in form. */
import { h } from '../dom.ts'

let counter = 0

/** Returns an input with its label. */
export function textField(options: {
  label: string
  type: 'text' | 'password'
  required: boolean
}): { element: HTMLElement; input: HTMLInputElement } {
  counter += 1
  const id = `field-${counter}`
  const { label, type, required } = options
  const input = h('input', {
    id,
    type,
    required,
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
  })
  return { element: h('div', { class: 'field' }, h('label', { for: id }, label), input), input }
}
