/** A group of radio buttons, initially with or without a choice. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { FieldProps } from './fields.tsx'

type RadioGroupProps<Value extends string> = FieldProps<Value | ''> & {
  options: readonly { value: Value; label: ComponentChildren; help?: string }[]
  class?: string
}

export function RadioGroup<Value extends string>(props: RadioGroupProps<Value>) {
  const { label, help, error, value: chosen, onChange, options } = props
  const id = useId()
  return (
    <div
      class={`field ${props.class ?? ''}`}
      role="radiogroup"
      tabIndex={-1}
      aria-labelledby={`${id}-label`}
      aria-describedby={`${id}-help ${id}-error`}
      aria-invalid={error === undefined ? undefined : true}
    >
      <span class="label" id={`${id}-label`}>
        {label}
      </span>
      <div class="help" id={`${id}-help`}>
        {help}
      </div>
      <div>
        {options.map(({ value, label, help }) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name={id}
              value={value}
              checked={value === chosen}
              onChange={() => onChange(value)}
            />
            <span>
              {label} {help && <span class="help">{help}</span>}
            </span>
          </label>
        ))}
      </div>
      <div class="wrong" id={`${id}-error`}>
        {error}
      </div>
    </div>
  )
}
