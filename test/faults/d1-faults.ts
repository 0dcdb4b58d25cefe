/**
 * A D1 whose calls fail as D1's do: before anything was applied, or after it with the response lost. A
 * call is one round trip: a statement that is run, or a batch, which is one transaction.
 */

import { interceptD1 } from '../api/intercept-d1.ts'

/** `before`: nothing was applied. `after`: everything was, and only the response is lost. */
export type Moment = 'before' | 'after'

/**
 * Texts that workerd's binding throws. A lost connection has no prefix in the shipped workerd; the
 * others are in Cloudflare's list of errors (https://developers.cloudflare.com/d1/observability/debug-d1/).
 */
export const D1_MESSAGES = {
  bare: 'Network connection lost.',
  prefixed: 'D1_ERROR: Network connection lost.',
  reset: 'Internal error in D1 DB storage caused object to be reset.',
} as const

export type D1Fault = {
  moment: Moment
  message: string
  /** The first call that fails, counted from 1 since the fault was set. */
  call: number
  /** Number of calls in a row that fail; 1 if left out. */
  calls?: number
}

/** Wraps a database. Without a fault it counts calls and changes nothing. */
export function faultyD1(real: D1Database) {
  let fault: D1Fault | null = null
  let failed = 0
  const calls: string[] = []
  const db = interceptD1(real, async ({ statements, run }) => {
    calls.push(statements.map(({ sql }) => sql).join('; '))
    const { call, calls: count = 1, moment, message } = fault ?? { call: 0, calls: 0 }
    if (calls.length < call || calls.length >= call + count) return run()
    failed += 1
    if (moment === 'after') await run()
    throw new Error(message)
  })

  return {
    db,
    /** Sets what fails from now on, null for nothing, and counts from 1 again. */
    set(next: D1Fault | null): void {
      fault = next
      failed = 0
      calls.length = 0
    },
    /** SQL of the calls since the last `set`. */
    calls: calls as readonly string[],
    /** Number of calls that failed since the last `set`. */
    failed: () => failed,
  }
}

export type FaultyD1 = ReturnType<typeof faultyD1>
