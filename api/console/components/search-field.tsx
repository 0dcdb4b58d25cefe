/** A search field for a long list, and the search that follows the typing. */
import { useEffect, useRef, useState } from 'preact/hooks'

/** Time without typing after which the search starts. */
const TYPING_MS = 250

/**
 * Returns what is typed, and its setter. `search` is called after a pause in the typing, unless the page was left.
 * `searched`: the text of the last search, which changes when the person goes back.
 */
export function useTypedSearch(
  searched: string,
  search: (text: string) => void,
  signal: AbortSignal,
) {
  const [text, setText] = useState(searched)
  const latest = useRef(searched)
  useEffect(() => {
    if (searched === latest.current) return
    latest.current = searched
    setText(searched)
  }, [searched])
  useEffect(() => {
    const typed = text.trim()
    if (typed === latest.current) return
    const timer = setTimeout(() => {
      // Once the page was left, the address belongs to the next page.
      if (signal.aborted) return
      latest.current = typed
      search(typed)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, signal])
  return [text, setText] as const
}

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
