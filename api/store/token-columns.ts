/** The columns that grants and app-only tokens share. */

import type { FailureFacts } from '../../schema/failure.ts'
import type { GrantState, TokenFailure, TokenProblem } from '../model/failure.ts'
import { time } from './database.ts'

/** What a success wipes out. */
export const healthy = {
  state: 'active',
  failures: 0,
  retryAt: null,
  problemCode: null,
  problemDetail: null,
  problemFacts: null,
  problemSince: null,
} as const

/** The columns of one more failure. A problem that goes on is as old as it was. */
export const failureColumns = <State extends GrantState>(
  { state, code, detail, facts, retryAt }: TokenFailure<State>,
  before: { failures: number; problem: TokenProblem | null },
  now: Date,
) => ({
  state,
  failures: before.failures + 1,
  retryAt: retryAt?.getTime() ?? null,
  problemCode: code,
  problemDetail: detail,
  problemFacts: facts,
  problemSince: (before.problem?.code === code ? before.problem.since : now).getTime(),
})

export function problemOf(row: {
  problemCode: string | null
  problemDetail: string | null
  problemFacts: FailureFacts | null
  problemSince: number | null
}): TokenProblem | null {
  const since = time(row.problemSince)
  if (row.problemCode === null || !since) return null
  return { code: row.problemCode, detail: row.problemDetail ?? '', since, facts: row.problemFacts }
}
