/** "Validate all", and its progress. */
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import type { ValidateMany } from './use-validate-many.ts'
import { hasFailures, progressLabel } from './validate-many.ts'

/** `path`: of the accounts in the API. `isLink`: within a line of text. */
export const ValidateAll = (props: { many: ValidateMany; path: string; isLink?: boolean }) => (
  <Button
    class={props.isLink ? 'link' : undefined}
    busy={props.many.state?.isRunning === true}
    onClick={() => props.many.runAll(props.path)}
  >
    Validate all
  </Button>
)

/** `failedHref`: address of the mailboxes that do not work. */
export function ValidationProgress(props: { many: ValidateMany; failedHref: string }) {
  const { many, failedHref } = props
  const { state, run, stop } = many
  const isRunning = state?.isRunning === true
  const unchecked = state?.unchecked ?? []
  return (
    <div class="validation-progress">
      {isRunning && (
        <>
          <div class="row">
            <progress
              aria-label="Validated accounts"
              max={state.ids.length || 1}
              value={state.results.length}
            />
            <span class="small quiet">{progressLabel(state)}</span>
            <Button onClick={stop}>Stop</Button>
          </div>
          <p class="small quiet">Keep this page open: leaving it stops the validation.</p>
        </>
      )}
      <div role="status" class="small">
        {state && !isRunning && `${progressLabel(state)}.`}
      </div>
      {state && !isRunning && (
        <div class="row">
          {hasFailures(state) && <a href={failedHref}>Show mailboxes that do not work</a>}
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
