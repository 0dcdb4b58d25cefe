/** Validates many accounts, a few at a time, until all are done or the reader stops it. Pure. */
import type { Outcome } from '../../../../schema/probe.ts'

/** `refused`: the API did not try this account, as when its password is missing. */
export type Result = Outcome | 'refused'

/** Logins at once: a mail server limits them, and the checker has a queue. */
const AT_ONCE = 3

export type ManyState = {
  ids: readonly string[]
  running: readonly string[]
  results: readonly Result[]
  /** True until all are done, or it was stopped. */
  isRunning: boolean
  /** Reason for an early end; null if there was none, or the reader stopped it. */
  refusal: string | null
}

/**
 * Calls `validate` for each id, and `show` with every change. `validate` throws an Error to end it
 * all. Aborting `signal` starts no more.
 */
export async function validateMany(
  ids: readonly string[],
  validate: (id: string) => Promise<Result>,
  show: (state: ManyState) => void,
  signal: AbortSignal,
): Promise<void> {
  let state: ManyState = { ids, running: [], results: [], isRunning: true, refusal: null }
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
        const result = await validate(id)
        change({ results: [...state.results, result] })
      } catch (error) {
        change({ refusal: (error as Error).message })
      } finally {
        change({ running: state.running.filter((other) => other !== id) })
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  change({ isRunning: false })
}

/** "7 of 12 validated: 5 passed, 2 failed" */
export function progressWords({ ids, results }: ManyState): string {
  const parts = (['passed', 'failed', 'inconclusive', 'refused'] as const)
    .map((result) => [results.filter((each) => each === result).length, result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result === 'refused' ? 'could not be tried' : result}`)
  return `${results.length} of ${ids.length} validated${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`
}
