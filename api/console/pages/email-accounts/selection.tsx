/** Validation of the selected accounts, and its progress. */
import { Button } from '../../components/button.tsx'
import { Checkbox } from '../../components/fields.tsx'
import { Notice } from '../../components/notice.tsx'
import type { ValidateMany } from './use-validate-many.ts'
import { progressWords } from './validate-many.ts'

export function SelectionBar(props: {
  /** Ids of all accounts on the page. */
  ids: readonly string[]
  selected: readonly string[]
  select: (ids: readonly string[]) => void
  many: ValidateMany
}) {
  const { ids, selected, select, many } = props
  const { state, run, stop } = many
  const isRunning = state?.isRunning === true
  return (
    <div class="selection">
      <div class="row">
        <Checkbox
          label="Select all on this page"
          checked={selected.length === ids.length}
          onChange={(isChecked) => select(isChecked ? ids : [])}
        />
        <Button
          busy={isRunning}
          disabled={!isRunning && selected.length === 0}
          onClick={() => run(selected)}
        >
          Validate selected{selected.length > 0 && ` (${selected.length})`}
        </Button>
        {isRunning && <Button onClick={stop}>Stop</Button>}
        {isRunning && (
          <>
            <progress
              aria-label="Validated accounts"
              max={state.ids.length}
              value={state.results.length}
            />
            <span class="small quiet">{progressWords(state)}</span>
          </>
        )}
      </div>
      <div role="status" class="small">
        {state && !isRunning && `${progressWords(state)}.`}
      </div>
      <div role="alert">
        {state?.refusal && <Notice tone="bad" title={`Validation stopped: ${state.refusal}`} />}
      </div>
    </div>
  )
}
