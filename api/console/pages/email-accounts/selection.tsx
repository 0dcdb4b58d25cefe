/** Validation of the selected accounts, and its progress. */
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/fields.tsx'
import { Notice } from '../../components/notice.tsx'
import type { ValidateMany } from './use-validate-many.ts'
import { hasFailures, progressWords } from './validate-many.ts'

export function SelectionBar(props: {
  /** Ids of all accounts on the page. */
  ids: readonly string[]
  selected: readonly string[]
  select: (ids: readonly string[]) => void
  /** Number of accounts on all pages. */
  found: number
  /** Path of the whole list in the API. */
  path: string
  /** Address of the accounts that do not work. */
  failedHref: string
  many: ValidateMany
}) {
  const { ids, selected, select, found, path, failedHref, many } = props
  const { state, run, runAll, stop } = many
  const isRunning = state?.isRunning === true
  const isWholePage = selected.length === ids.length
  const unchecked = state?.unchecked ?? []
  return (
    <div class="selection">
      <div class="row">
        <Checkbox
          label="Select all on this page"
          checked={isWholePage}
          onChange={(isChecked) => select(isChecked ? ids : [])}
        />
        {(isRunning || selected.length > 0) && (
          <Button busy={isRunning} onClick={() => run(selected)}>
            Validate selected{selected.length > 0 && ` (${selected.length})`}
          </Button>
        )}
        {isWholePage && found > ids.length && !isRunning && (
          <Button onClick={() => runAll(path)}>Validate all {found}</Button>
        )}
        {isRunning && <Button onClick={stop}>Stop</Button>}
        {isRunning && (
          <>
            <progress
              aria-label="Validated accounts"
              max={state.ids.length || 1}
              value={state.results.length}
            />
            <span class="small quiet">{progressWords(state)}</span>
          </>
        )}
      </div>
      {isRunning && state.ids.length > ids.length && (
        <p class="small quiet">Keep this list open: leaving it stops the validation.</p>
      )}
      <div role="status" class="small">
        {state && !isRunning && `${progressWords(state)}.`}
      </div>
      {state && !isRunning && (
        <div class="row">
          {hasFailures(state) && <a href={failedHref}>Show accounts that do not work</a>}
          {unchecked.length > 0 && (
            <Button onClick={() => run(unchecked)}>Validate the other {unchecked.length}</Button>
          )}
        </div>
      )}
      <div role="alert">
        {state?.refusal && <Notice tone="bad" title={`Validation stopped: ${state.refusal}`} />}
      </div>
    </div>
  )
}
