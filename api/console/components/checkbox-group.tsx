/** A group of checkboxes, with a search field when there are many. */
import { useId, useState } from 'preact/hooks'
import type { FieldProps } from './fields.tsx'
import { SearchField } from './search-field.tsx'

/** Number of options from which they get a search field. */
const MANY = 8

export type CheckboxOption<Value extends string> = { value: Value; label: string; help?: string }

type CheckboxGroupProps<Value extends string> = FieldProps<readonly Value[]> & {
  options: readonly CheckboxOption<Value>[]
  /** Label of the search field, if there is one: "Find an email account". */
  search?: string
  isDisabled?: (value: Value) => boolean
}

export function CheckboxGroup<Value extends string>(props: CheckboxGroupProps<Value>) {
  const { label, help, error, value: checked, onChange, options, isDisabled = () => false } = props
  const [words, setWords] = useState('')
  const id = useId()
  const searchable = props.search !== undefined && options.length > MANY
  // Checked options stay visible during a search.
  const shown = options.filter(
    ({ value, label, help }) => checked.includes(value) || matchesSearch(`${label} ${help}`, words),
  )
  const toggle = (value: Value, isChecked: boolean) =>
    onChange(
      options
        .map((option) => option.value)
        .filter((each) => (each === value ? isChecked : checked.includes(each))),
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
          onInput={setWords}
          hasMatches={shown.length > 0}
        />
      )}
      <div class={searchable ? 'many' : undefined} tabIndex={searchable ? -1 : undefined}>
        <div class="choices">
          {shown.map(({ value, label, help }) => (
            <div key={value} class="option">
              <input
                type="checkbox"
                id={`${id}-${value}`}
                checked={checked.includes(value)}
                disabled={isDisabled(value)}
                aria-invalid={error !== undefined || undefined}
                aria-describedby={help && `${id}-${value}-help`}
                onChange={({ currentTarget }) => toggle(value, currentTarget.checked)}
              />
              <label for={`${id}-${value}`}>{label}</label>
              {help && (
                <div class="help" id={`${id}-${value}-help`}>
                  {help}
                </div>
              )}
            </div>
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

/** Returns true if the text contains every word of `search`, in any order and case. */
function matchesSearch(text: string, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/)
  return words.every((word) => text.toLowerCase().includes(word))
}
