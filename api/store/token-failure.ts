/** Why Entra issued no token, as the rows of grants and of app-only tokens hold it alike. */
import type { FailureFacts } from '../../schema/failure.ts'
import { time } from './database.ts'
import type { GrantProblem, GrantState } from './grant-record.ts'

export type GrantFailure<State extends GrantState = GrantState> = {
  state: State
  code: string
  detail: string
  facts: FailureFacts
  retryAt: Date | null
}

/** The columns of one more failure. A problem that goes on is as old as it was. */
export const failureColumns = <State extends GrantState>(
  { state, code, detail, facts, retryAt }: GrantFailure<State>,
  before: { failures: number; problem: GrantProblem | null },
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
}): GrantProblem | null {
  const since = time(row.problemSince)
  if (row.problemCode === null || !since) return null
  return { code: row.problemCode, detail: row.problemDetail ?? '', since, facts: row.problemFacts }
}
