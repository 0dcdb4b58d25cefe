/** Validates many accounts, a few at a time, until all are done or the person stops it. Pure. */
import type { Outcome } from '../../../../schema/probe.ts'

/** `refused`: the API did not try this account, as when its password is missing. */
export type Result = Outcome | 'refused'

/** The API is limiting calls. The same call may succeed after `retryAfter` seconds. */
export type Busy = { retryAfter: number; reason: string }

/** Simultaneous logins: mail servers limit them, and the checker has a queue. */
const CONCURRENCY = 3

/** Consecutive pauses without a result, after which the run ends. */
const MAX_PAUSES = 5

export type ManyState = {
  ids: readonly string[]
  running: readonly string[]
  results: readonly Result[]
  /** Ids without a result, once it has ended. */
  unchecked: readonly string[]
  /** Set while it waits for the API. */
  pause: Busy | null
  /** True until all are done, or it was stopped. */
  isRunning: boolean
  /** Reason for an early end; null if there was none, or the person stopped it. */
  refusal: string | null
}

export const startOf = (ids: readonly string[]): ManyState => ({
  ids,
  running: [],
  results: [],
  unchecked: [],
  pause: null,
  isRunning: true,
  refusal: null,
})

type Run = {
  /** Throws an Error to end the run. */
  validate: (id: string) => Promise<Result | Busy>
  /** Receives every change. */
  show: (state: ManyState) => void
  /** Waits for this time, or until the signal aborts. */
  wait: (seconds: number, signal: AbortSignal) => Promise<void>
  /** Once aborted, no more logins are started. */
  signal: AbortSignal
}

export async function validateMany(
  ids: readonly string[],
  { validate, show, wait, signal }: Run,
): Promise<void> {
  let state = startOf(ids)
  const change = (part: Partial<ManyState>) => {
    state = { ...state, ...part }
    show(state)
  }
  const waiting = [...ids]
  const unchecked = new Set(ids)
  let pauses = 0
  let paused = Promise.resolve()
  async function pause(busy: Busy): Promise<void> {
    change({ pause: busy })
    await wait(busy.retryAfter, signal)
    change({ pause: null })
  }
  async function tryOne(id: string): Promise<void> {
    const result = await validate(id)
    if (typeof result === 'string') {
      unchecked.delete(id)
      pauses = 0
      return change({ results: [...state.results, result] })
    }
    waiting.unshift(id)
    if (state.pause) return
    pauses += 1
    if (pauses > MAX_PAUSES) change({ refusal: result.reason })
    else paused = pause(result)
  }
  async function work(): Promise<void> {
    for (;;) {
      if (state.pause) await paused
      if (signal.aborted || state.refusal !== null) return
      const id = waiting.shift()
      if (id === undefined) return
      change({ running: [...state.running, id] })
      try {
        await tryOne(id)
      } catch (error) {
        change({ refusal: (error as Error).message })
      } finally {
        change({ running: state.running.filter((other) => other !== id) })
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  change({ isRunning: false, unchecked: ids.filter((id) => unchecked.has(id)) })
}

const countOf = ({ results }: ManyState, result: Result) =>
  results.filter((each) => each === result).length

export const hasFailures = (state: ManyState) => countOf(state, 'failed') > 0

/** "7 of 12 validated: 5 passed, 2 failed" */
export function progressLabel(state: ManyState): string {
  const { ids, results, unchecked, pause } = state
  const parts = (['passed', 'failed', 'inconclusive', 'refused'] as const)
    .map((result) => [countOf(state, result), result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result === 'refused' ? 'could not be tried' : result}`)
  if (unchecked.length > 0) parts.push(`${unchecked.length} not validated`)
  const progress = `${results.length} of ${ids.length} validated${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`
  return pause
    ? `${progress}. Paused for ${pause.retryAfter} s. Mailgrant says: ${pause.reason}`
    : progress
}
