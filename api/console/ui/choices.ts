/** Several of several: a named group of checkboxes, with a search when there are many. */
import { fill, h } from '../dom.ts'
import { hasWords, MANY, searchField } from './search.ts'

export type Choice<Value extends string> = { value: Value; label: string; help?: string }

export type Choices<Value extends string> = {
  element: HTMLElement
  /** The first checkbox: where the focus goes when nothing was chosen. */
  input: HTMLInputElement
  /** In the order in which they are offered. What is disabled is not chosen. */
  read: () => Value[]
  write: (values: readonly Value[]) => void
  disable: (isDisabled: (value: Value) => boolean) => void
  complain: (message: string | null) => void
}

let counter = 0

export function choices<Value extends string>(options: {
  label: string
  help?: string
  choices: readonly Choice<Value>[]
  /** What is searched, "Find an email account"; left out, there is no search. */
  search?: string
}): Choices<Value> {
  counter += 1
  const id = `choices-${counter}`
  const boxes = options.choices.map((choice, index) => choiceBox(choice, `${id}-${index}`))
  const wrong = h('div', { class: 'wrong', id: `${id}-wrong`, hidden: true })
  /** What is chosen stays in sight, whatever is searched. */
  const narrow = (search: string) => {
    for (const { element, text, input } of boxes) {
      element.hidden = !hasWords(text, search) && !input.checked
    }
    return boxes.some(({ element }) => !element.hidden)
  }
  const searched = options.search !== undefined && boxes.length > MANY
  const list = h(
    'div',
    { class: 'choices' },
    boxes.map(({ element }) => element),
  )
  const element = h(
    'fieldset',
    { 'aria-describedby': `${id}-help ${id}-wrong`, class: 'field' },
    h('legend', {}, options.label),
    h('div', { class: 'help', id: `${id}-help` }, options.help),
    searched && searchField(options.search ?? '', narrow),
    searched ? h('div', { class: 'many', tabindex: '-1' }, list) : list,
    wrong,
  )
  const complain = (message: string | null) => {
    fill(wrong, message)
    wrong.hidden = message === null
  }
  element.addEventListener('input', () => complain(null))
  return {
    element,
    input: boxes[0]?.input ?? h('input', {}),
    read: () =>
      boxes.filter(({ input }) => input.checked && !input.disabled).map(({ value }) => value),
    write: (values) => {
      for (const { input, value } of boxes) input.checked = values.includes(value)
    },
    disable: (isDisabled) => {
      for (const { input, value } of boxes) input.disabled = isDisabled(value)
    },
    complain,
  }
}

function choiceBox<Value extends string>({ value, label, help }: Choice<Value>, id: string) {
  const input = h('input', {
    type: 'checkbox',
    id,
    'aria-describedby': help === undefined ? null : `${id}-help`,
  })
  const element = h(
    'div',
    { class: 'option' },
    input,
    h('label', { for: id }, label),
    help !== undefined && h('div', { class: 'help', id: `${id}-help` }, help),
  )
  return { value, input, element, text: `${label} ${help ?? ''}` }
}
