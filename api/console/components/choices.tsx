/** A named group of checkboxes, with a search when there are many. */
import { useId, useState } from 'preact/hooks'
import { hasWords, MANY } from '../ui/search.ts'
import type { FieldProps } from './fields.tsx'
import { SearchField } from './search-field.tsx'

export type Choice<Value extends string> = { value: Value; label: string; help?: string }

type ChoicesProps<Value extends string> = FieldProps<readonly Value[]> & {
  choices: readonly Choice<Value>[]
  /** Label of the search, such as "Find an email account". Without it there is none. */
  search?: string
  isDisabled?: (value: Value) => boolean
}

export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { label, help, error, value: chosen, onChange, choices, isDisabled = () => false } = props
  const [words, search] = useState('')
  const id = useId()
  const searchable = props.search !== undefined && choices.length > MANY
  // What is chosen stays in sight, whatever is searched.
  const shown = choices.filter(
    (choice) => chosen.includes(choice.value) || hasWords(`${choice.label} ${choice.help}`, words),
  )
  const toggle = (value: Value, isChosen: boolean) =>
    onChange(
      choices
        .map((choice) => choice.value)
        .filter((each) => (each === value ? isChosen : chosen.includes(each))),
    )
  return (
    <fieldset class="field" aria-describedby={`${id}-help ${id}-error`}>
      <legend>{label}</legend>
      <div class="help" id={`${id}-help`}>
        {help}
      </div>
      {searchable && (
        <SearchField
          label={props.search ?? ''}
          value={words}
          onInput={search}
          found={shown.length > 0}
        />
      )}
      <div class={searchable ? 'many' : undefined} tabIndex={searchable ? -1 : undefined}>
        <div class="choices">
          {shown.map((choice) => (
            <Option
              key={choice.value}
              {...choice}
              checked={chosen.includes(choice.value)}
              disabled={isDisabled(choice.value)}
              invalid={error !== undefined}
              onToggle={(isChosen) => toggle(choice.value, isChosen)}
            />
          ))}
        </div>
      </div>
      {error && (
        <div class="wrong" id={`${id}-error`}>
          {error}
        </div>
      )}
    </fieldset>
  )
}

function Option(props: {
  label: string
  help?: string
  checked: boolean
  disabled: boolean
  invalid: boolean
  onToggle: (isChosen: boolean) => void
}) {
  const id = useId()
  const { label, help, checked, disabled, invalid, onToggle } = props
  return (
    <div class="option">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        disabled={disabled}
        aria-invalid={invalid || undefined}
        aria-describedby={help && `${id}-help`}
        onChange={({ currentTarget }) => onToggle(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {help && (
        <div class="help" id={`${id}-help`}>
          {help}
        </div>
      )}
    </div>
  )
}
