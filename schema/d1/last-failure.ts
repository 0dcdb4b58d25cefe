/** Columns of the last failure of an access token, shared by the tokens of grants and those of the app. */
import { integer, text } from 'drizzle-orm/sqlite-core'
import type { FailureFacts } from '../failure.ts'
import type { TokenProblemCode } from '../problem.ts'

export const lastFailure = {
  /** Failures in a row. */
  failures: integer().notNull().default(0),
  retryAt: integer('retry_at'),
  problemCode: text('problem_code').$type<TokenProblemCode>(),
  problemDetail: text('problem_detail'),
  problemFacts: text('problem_facts', { mode: 'json' }).$type<FailureFacts>(),
  problemSince: integer('problem_since'),
  /** Time of the last attempt that failed. */
  failedAt: integer('failed_at'),
}
