/** "Validate all", and its progress. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { ApiError, list, post, problemOf } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import {
  hasFailures,
  type ManyState,
  progressLabel,
  type Result,
  startOf,
  validateMany,
} from './validate-many.ts'

type ValidateMany = ReturnType<typeof useValidateMany>

/** Returns a run over the accounts of a list. `onEnd` is called after it. Leaving the page stops it. */
export function useValidateMany(onEnd: () => Promise<void>) {
  /** Progress; null before the first run. */
  const [state, setState] = useState<ManyState | null>(null)
  const running = useRef(new AbortController())
  const stop = () => running.current.abort()
  useEffect(() => stop, [])

  /** `path`: of the list in the API. */
  async function run(path: string): Promise<void> {
    if (state?.isRunning) return
    running.current = new AbortController()
    const { signal } = running.current
    setState(startOf(0))
    try {
      const accounts = await list<MailAccount>(path, Infinity)
      await validateMany(
        accounts.map(({ id }) => id),
        {
          validate: (id, showPause) => validateSaved(id, showPause, signal),
          show: setState,
          signal,
        },
      )
    } catch (error) {
      setState({ ...startOf(0), isRunning: false, refusal: problemOf(error).detail })
    }
  }
  const isEnded = state?.isRunning === false
  useEffect(() => {
    if (isEnded) void onEnd()
  }, [isEnded])
  return { state, stop, run }
}

/** Validates a saved account, after a pause if the API limits calls. Throws an error that other accounts would share. */
async function validateSaved(
  id: string,
  showPause: (reason: string | null) => void,
  signal: AbortSignal,
): Promise<Result> {
  try {
    return (await post<Validation>(`/v1/mail-accounts/${id}/validate`)).outcome
  } catch (error) {
    if (!(error instanceof ApiError) || signal.aborted) throw error
    const { problem, retryAfter } = error
    if (retryAfter === null) {
      if (problem.status && problem.status < 500) return 'refused'
      throw error
    }
    showPause(problem.detail)
    await wait(retryAfter, signal)
    showPause(null)
    signal.throwIfAborted()
    return validateSaved(id, showPause, signal)
  }
}

/** Waits for this time, or until the signal aborts. */
const wait = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** `path`: of the accounts in the API. `isLink`: within a line of text. */
export const ValidateAll = (props: { many: ValidateMany; path: string; isLink?: boolean }) => (
  <Button
    class={props.isLink ? 'link' : undefined}
    busy={props.many.state?.isRunning === true}
    onClick={() => void props.many.run(props.path)}
  >
    Validate all
  </Button>
)

/** `failedHref`: address of the mailboxes that do not work. */
export function ValidationProgress(props: { many: ValidateMany; failedHref: string }) {
  const { state, stop } = props.many
  const ended = state?.isRunning ? null : state
  return (
    <div class="validation-progress">
      {state?.isRunning && (
        <>
          <div class="row">
            <progress
              aria-label="Validated accounts"
              max={state.total || 1}
              value={state.results.length}
            />
            <span class="small quiet">{progressLabel(state)}</span>
            <Button onClick={stop}>Stop</Button>
          </div>
          <p class="small quiet">Keep this page open: leaving it stops the validation.</p>
        </>
      )}
      <div role="status" class="small">
        {ended && `${progressLabel(ended)}. `}
        {ended && hasFailures(ended) && (
          <a href={props.failedHref}>Show mailboxes that do not work</a>
        )}
      </div>
      <div role="alert">
        {ended?.refusal && <Notice tone="bad" title={`Validation stopped: ${ended.refusal}`} />}
      </div>
    </div>
  )
}
