/** Counts per day, from which histories are shown. Conventions as in tables.ts. */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

const count = (name?: string) => (name ? integer(name) : integer()).notNull().default(0)

/**
 * One row per account and day, and one per day for the whole deployment. Triggers on `validations`, `grants`
 * and `app_tokens` count within the write that they count, and one on `mail_accounts` deletes the rows of a
 * deleted account. The maintenance sets `waited`.
 */
export const dailyCounts = sqliteTable(
  'daily_counts',
  {
    /** Id of an email account, or `all`. */
    subject: text().notNull(),
    /** Days since the Unix epoch, UTC. */
    day: integer().notNull(),
    /** Checks: validations of the saved values. */
    passed: count(),
    failed: count(),
    inconclusive: count(),
    /** True if the account waited for a person on this day. */
    waited: integer({ mode: 'boolean' }).notNull().default(false),
    /** Token requests to Microsoft; only in the rows of `all`. */
    tokensSucceeded: count('tokens_succeeded'),
    tokensRefused: count('tokens_refused'),
    tokensFailed: count('tokens_failed'),
  },
  (t) => [
    primaryKey({ columns: [t.subject, t.day] }),
    index('daily_counts_day').on(t.day),
    index('daily_counts_waited').on(t.day).where(sql`waited = 1`),
  ],
)
