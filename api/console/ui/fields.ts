/** Form fields: a label, help, and what is wrong, tied together for screen readers. */
import { fill, h } from '../dom.ts'

export type Field<Input extends HTMLElement = HTMLInputElement> = {
  element: HTMLElement
  input: Input
  /** Says what is wrong with the value; null takes it back. */
  complain: (message: string | null) => void
}

let counter = 0

function field<Input extends HTMLElement>(
  input: Input,
  { label, help }: { label: string; help?: string | undefined },
): Field<Input> {
  counter += 1
  const id = `field-${counter}`
  input.id = id
  const wrong = h('div', { class: 'wrong', id: `${id}-wrong`, hidden: true })
  const described = help === undefined ? `${id}-wrong` : `${id}-help ${id}-wrong`
  input.setAttribute('aria-describedby', described)
  const element = h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    input,
    help !== undefined && h('div', { class: 'help', id: `${id}-help` }, help),
    wrong,
  )
  const complain = (message: string | null) => {
    fill(wrong, message)
    wrong.hidden = message === null
    if (message === null) input.removeAttribute('aria-invalid')
    else input.setAttribute('aria-invalid', 'true')
  }
  input.addEventListener('input', () => complain(null))
  return { element, input, complain }
}

export function textField(options: {
  label: string
  help?: string
  type?: 'text' | 'password' | 'email' | 'number' | 'date' | 'url'
  value?: string | null
  required?: boolean
  placeholder?: string
  /** Values to choose from; others can be typed. */
  suggestions?: readonly string[]
}): Field {
  const input = h('input', {
    type: options.type ?? 'text',
    required: options.required ?? false,
    placeholder: options.placeholder,
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
  })
  input.value = options.value ?? ''
  const made = field(input, options)
  if (options.suggestions?.length) {
    const id = `${input.id}-list`
    input.setAttribute('list', id)
    made.element.append(
      h(
        'datalist',
        { id },
        options.suggestions.map((value) => h('option', { value })),
      ),
    )
  }
  return made
}

export function textArea(options: {
  label: string
  help?: string
  value?: string
  required?: boolean
}): Field<HTMLTextAreaElement> {
  const input = h('textarea', { required: options.required ?? false, spellcheck: 'false' })
  input.value = options.value ?? ''
  return field(input, options)
}

export function selectField<Value extends string>(options: {
  label: string
  help?: string
  value?: Value
  options: readonly { value: Value; label: string }[]
}): Field<HTMLSelectElement> {
  const input = h(
    'select',
    {},
    options.options.map(({ value, label }) =>
      h('option', { value, selected: value === options.value }, label),
    ),
  )
  return field(input, options)
}

export function checkbox(
  label: string,
  checked = false,
): { element: HTMLElement; input: HTMLInputElement } {
  const input = h('input', { type: 'checkbox', checked })
  return { element: h('label', { class: 'choice' }, input, label), input }
}
