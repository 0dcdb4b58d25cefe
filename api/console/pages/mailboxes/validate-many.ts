/** Validates many accounts, a few at a time, until all are done or the person stops it. Pure. */
import type { Outcome } from '../../../../schema/probe.ts'

/** `refused`: the API did not try this account, as when its password is missing. */
export type Result = Outcome | 'refused'

/** Simultaneous logins: mail servers limit them, and the checker has a queue. */
const CONCURRENCY = 3

export type ManyState = {
  /** Number of accounts. */
  total: number
  /** IDs of the accounts that are being validated. */
  running: readonly string[]
  results: readonly Result[]
  /** The API's reason for a pause; null if there is none. */
  pause: string | null
  /** True until all are done, or it was stopped. */
  isRunning: boolean
  /** Reason for an early end; null if there was none, or the person stopped it. */
  refusal: string | null
}

export const startOf = (total: number): ManyState => ({
  total,
  running: [],
  results: [],
  pause: null,
  isRunning: true,
  refusal: null,
})

type Run = {
  /** Calls `showPause` while the API limits calls. Throws an Error to end the run. */
  validate: (id: string, showPause: (reason: string | null) => void) => Promise<Result>
  /** Receives every change. */
  show: (state: ManyState) => void
  /** Once aborted, no more logins are started. */
  signal: AbortSignal
}

export async function validateMany(
  ids: readonly string[],
  { validate, show, signal }: Run,
): Promise<void> {
  let state = startOf(ids.length)
  const change = (part: Partial<ManyState>) => {
    state = { ...state, ...part }
    show(state)
  }
  const waiting = [...ids]
  async function work(): Promise<void> {
    while (!signal.aborted && state.refusal === null) {
      const id = waiting.shift()
      if (id === undefined) return
      change({ running: [...state.running, id] })
      try {
        const result = await validate(id, (pause) => change({ pause }))
        change({ results: [...state.results, result] })
      } catch (error) {
        if (!signal.aborted) change({ refusal: (error as Error).message })
      }
      change({ running: state.running.filter((other) => other !== id) })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  change({ isRunning: false, pause: null })
}

const countOf = ({ results }: ManyState, result: Result) =>
  results.filter((each) => each === result).length

export const hasFailures = (state: ManyState) => countOf(state, 'failed') > 0

/** "7 of 12 validated: 5 passed, 2 failed" */
export function progressLabel(state: ManyState): string {
  const { total, results, pause } = state
  const parts = (['passed', 'failed', 'inconclusive', 'refused'] as const)
    .map((result) => [countOf(state, result), result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result === 'refused' ? 'could not be tried' : result}`)
  const progress = `${results.length} of ${total} validated${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`
  return pause === null ? progress : `${progress}. Paused: ${pause}`
}
