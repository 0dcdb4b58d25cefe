/** A search field for a long list. */

export function SearchField(props: {
  label: string
  value: string
  onInput: (words: string) => void
  /** False shows "No matches". */
  hasMatches?: boolean
}) {
  const { label, value, onInput, hasMatches = true } = props
  return (
    <div class="search">
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        onKeyDown={(event) => {
          // Enter searches here, and does not submit the form around it.
          if (event.key === 'Enter') event.preventDefault()
        }}
      />
      <div class="help" role="status">
        {!hasMatches && 'No matches'}
      </div>
    </div>
  )
}
