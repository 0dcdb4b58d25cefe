/** Form fields: label, help and error are tied to the input for screen readers. */
import type { ComponentChildren, InputHTMLAttributes, JSX } from 'preact'
import { useId, useLayoutEffect, useMemo, useState } from 'preact/hooks'

export type FieldProps<Value> = {
  label: string
  help?: string | undefined
  /** Message about a wrong value. */
  error?: string | undefined
  value: Value
  onChange: (value: Value) => void
}

type Input = HTMLInputElement | HTMLTextAreaElement

/** Attributes that tie an input to its label, help and error. */
type InputAttributes = {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
  onInvalid: (event: Event) => void
}

/** A value that the browser has refused. */
type Refusal = { input: Input; value: unknown; requirement: string }

/** Returns what the browser requires of the value, in place of the text in its bubble. */
function requirementOf({ validity, type }: Input): string {
  if (validity.valueMissing) return 'Enter a value.'
  if (type === 'date' && validity.rangeUnderflow) return 'Enter a date from today on.'
  return REQUIREMENTS[type] ?? 'Enter a valid value.'
}

const REQUIREMENTS: Record<string, string | undefined> = {
  email: 'Enter an email address, such as name@example.com.',
  url: 'Enter a URL that begins with https://.',
  number: 'Enter a whole number.',
  date: 'Enter a complete date.',
}

function Field(props: {
  label: string
  help?: string | undefined
  error?: string | undefined
  value: unknown
  class?: string | undefined
  children: (attributes: InputAttributes) => ComponentChildren
}) {
  const { label, help, value, children } = props
  const [refused, setRefused] = useState<Refusal | null>(null)
  // Not cleared by an event, since a render between the events of an input would restore its earlier value.
  const error = props.error ?? (refused?.value === value ? refused?.requirement : undefined)
  const id = useId()
  function onInvalid(event: Event): void {
    // Hides the browser's bubble. The browser then doesn't focus the first wrong field.
    event.preventDefault()
    const input = event.currentTarget as Input
    setRefused({ input, value, requirement: requirementOf(input) })
    const isFirst = input.form?.querySelector('input:invalid, textarea:invalid') === input
    // After the render, so that a screen reader finds the description of the field.
    if (isFirst) setTimeout(() => input.focus())
  }
  // Another field can make this one optional.
  useLayoutEffect(() => {
    if (refused?.input.validity.valid) setRefused(null)
  })
  // Where the focus does not move, nothing else tells a screen reader.
  const isFocused = useMemo(() => document.activeElement?.id === id, [error])
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class={props.class ? `field ${props.class}` : 'field'}>
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error === undefined ? undefined : true,
        onInvalid,
      })}
      {help && (
        <div class="help" id={`${id}-help`}>
          {help}
        </div>
      )}
      {error && (
        <div class="wrong" id={`${id}-error`} role={isFocused ? 'alert' : undefined}>
          {error}
        </div>
      )}
    </div>
  )
}

type TextFieldProps = FieldProps<string> & {
  type?: 'text' | 'password' | 'email' | 'number' | 'date' | 'url' | 'search'
  required?: boolean
  placeholder?: string
  autocomplete?: 'off' | 'new-password' | 'current-password'
  min?: string
  max?: string
  maxLength?: number
  /** Suggested values; others can be typed. */
  suggestions?: readonly string[]
  /** Makes the field as narrow as its usual values. */
  short?: boolean
}

export function TextField(props: TextFieldProps) {
  const { label, help, error, value, onChange, suggestions = [], short, ...more } = props
  const list = useId()
  const input = {
    type: 'text',
    autocomplete: 'off',
    spellcheck: false,
    autocapitalize: 'off',
    list: suggestions.length > 0 ? list : undefined,
    value,
    onInput: ({ currentTarget }) => onChange(currentTarget.value),
    ...more,
  } as InputHTMLAttributes<HTMLInputElement>
  return (
    <Field
      label={label}
      help={help}
      error={error}
      value={value}
      class={short ? 'short' : undefined}
    >
      {(attributes) => (
        <>
          <input {...input} {...attributes} />
          {suggestions.length > 0 && (
            <datalist id={list}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}

export function TextAreaField(
  props: FieldProps<string> & { required?: boolean; autocomplete?: 'off'; placeholder?: string },
) {
  const { label, help, error, value, onChange, ...more } = props
  return (
    <Field label={label} help={help} error={error} value={value}>
      {(attributes) => (
        <textarea
          spellcheck={false}
          value={value}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
          {...more}
          {...attributes}
        />
      )}
    </Field>
  )
}

export function SelectField<Value extends string>(
  props: FieldProps<Value> & { options: readonly { value: Value; label: string }[] },
): JSX.Element {
  const { label, help, error, value, onChange, options } = props
  return (
    <Field label={label} help={help} error={error} value={value}>
      {(attributes) => (
        <select
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value as Value)}
          {...attributes}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** A single checkbox, which needs no group. */
export function Checkbox(props: {
  label: string
  checked: boolean
  onChange: (isChecked: boolean) => void
}) {
  const { label, checked, onChange } = props
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  )
}
