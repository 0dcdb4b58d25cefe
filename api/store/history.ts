/**
 * Histories. Counts are written by triggers on the tables that they count (`dailyCounts` in schema/d1/tables.ts), and
 * read here with the events and validations that explain them.
 */
import { and, desc, eq, gte, type SQL, sql } from 'drizzle-orm'
import { alias, type SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { apiKeys, events } from '../../schema/d1/operating-tables.ts'
import {
  appTokens,
  dailyCounts,
  integrations,
  mailAccounts,
  validations,
} from '../../schema/d1/tables.ts'
import type { Actor } from '../../schema/event.ts'
import { type AccessScope, byScope } from '../model/access.ts'
import type { AccountDay, Check, Day, DeploymentDay, TimelineEvent } from '../model/event.ts'
import type { ValidationRecord } from '../model/validation.ts'
import { accountWithin } from './access-scope.ts'
import { type Database, insertSelect, listed } from './database.ts'
import { toEvent } from './events.ts'
import { toValidation } from './validations.ts'

/** Subject of the rows of the whole deployment. */
export const ALL = 'all'
/** Most rows that one timeline reads. Hourly checks are 720 in 30 days. */
const MOST_EVENTS = 200
const MOST_CHECKS = 2000

/** The accounts that wait for a person: one index range for each reason. */
const waiting = sql`(
  SELECT id FROM ${mailAccounts} WHERE authentication = 'oauth' AND grant_state = 'reconnect_required'
  UNION ALL
  SELECT id FROM ${mailAccounts} WHERE authentication = 'oauth' AND grant_state = 'blocked'
  UNION ALL
  SELECT id FROM ${mailAccounts} WHERE authentication = 'oauth' AND grant_state IS NULL
  UNION ALL
  SELECT id FROM ${mailAccounts} WHERE tenant IS NOT NULL AND tenant IN (
    SELECT ${appTokens.tenant} FROM ${appTokens}, ${integrations}
    WHERE ${appTokens.state} = 'blocked' AND ${appTokens.clientId} = ${integrations.clientId}
      AND ${appTokens.cloud} = ${integrations.cloud}))`

const total = (column: SQLiteColumn) => sql<number>`sum(${column})`

export function createHistoryStore(db: Database) {
  const requested = alias(events, 'requested')
  const requesterKey = alias(apiKeys, 'requester_key')

  /** Returns the newest events that meet the condition, with the names of the keys behind them. */
  const selectEvents = (condition: SQL | undefined) =>
    db
      .select({
        event: events,
        // Aliased, since D1 returns the rows of a batch as objects.
        keyName: sql<string | null>`${apiKeys.name}`.as('key_name'),
        requester: {
          type: sql<Actor['type'] | null>`${requested.actorType}`.as('requester_type'),
          id: sql<string | null>`${requested.actorId}`.as('requester_id'),
          name: sql<string | null>`coalesce(${requesterKey.name}, ${requested.actorName})`.as(
            'requester_name',
          ),
        },
      })
      .from(events)
      .leftJoin(apiKeys, eq(apiKeys.id, events.actorId))
      .leftJoin(
        requested,
        and(
          sql`${requested.subject} = json_extract(${events.data}, '$.authorization')`,
          eq(requested.type, 'authorization.created'),
        ),
      )
      .leftJoin(requesterKey, eq(requesterKey.id, requested.actorId))
      .where(condition)
      .orderBy(desc(events.at))
      .limit(MOST_EVENTS)

  type EventRow = Awaited<ReturnType<typeof selectEvents>>[number]

  const toTimelineEvent = ({ event, keyName, requester }: EventRow): TimelineEvent => {
    const { type, id, name } = requester
    return { ...toEvent(event), keyName, requester: type && id ? { type, id, name } : null }
  }

  /**
   * Sums the days of these subjects, given as a subquery. Token requests are counted for the whole deployment only, so
   * those of accounts are 0.
   */
  const sumDays = (firstDay: Day, subjects: SQL): Promise<DeploymentDay[]> =>
    db
      .select({
        day: dailyCounts.day,
        passed: total(dailyCounts.passed),
        failed: total(dailyCounts.failed),
        inconclusive: total(dailyCounts.inconclusive),
        waited: total(dailyCounts.waited),
        tokens: {
          succeeded: total(dailyCounts.tokensSucceeded),
          refused: total(dailyCounts.tokensRefused),
          failed: total(dailyCounts.tokensFailed),
        },
      })
      .from(dailyCounts)
      .where(and(sql`${dailyCounts.subject} IN ${subjects}`, gte(dailyCounts.day, firstDay)))
      .groupBy(dailyCounts.day)

  return {
    /** Marks up to `limit` accounts that wait for a person and are not marked yet. Returns how many. */
    async markWaiting(day: Day, limit: number): Promise<number> {
      const count = (subject: string | SQL, waited: number | SQL, from: SQL) =>
        insertSelect(db, dailyCounts, { subject, day, waited }, from).onConflictDoUpdate({
          target: [dailyCounts.subject, dailyCounts.day],
          set: { waited: sql`${dailyCounts.waited} + excluded.waited` },
        })
      const unmarked = sql`FROM ${waiting} WHERE NOT EXISTS (SELECT 1 FROM ${dailyCounts} AS marked
        WHERE marked.subject = id AND marked.day = ${day} AND marked.waited = 1)
        LIMIT ${sql.param(limit)}`
      const [marked] = await db.batch([
        count(sql`id`, 1, unmarked),
        count(ALL, sql`changes()`, sql`WHERE changes() > 0`),
      ])
      return marked.meta.changes
    },

    /**
     * Returns the days of an account since `firstDay` with any count, the newest events of the account and of its
     * grants and tenants, newest first, its checks since `from`, oldest first, and the first of each series of failed
     * checks. Events of the account itself are returned from before `from`, too, since they say which grant it used.
     */
    async readAccount(
      id: string,
      from: Date,
      firstDay: Day,
      scope: AccessScope,
    ): Promise<{
      days: AccountDay[]
      events: TimelineEvent[]
      checks: Check[]
      failures: ValidationRecord[]
    }> {
      // Events under an earlier customer stay visible to that customer only.
      const visible = byScope(scope, {
        all: () => undefined,
        mail_accounts: () => undefined,
        customer: ({ customer }) => sql`+${events.customer} IS ${customer}`,
      })
      const newestOwn = sql`(SELECT data FROM ${events} WHERE subject = ${id} ORDER BY at DESC LIMIT ${MOST_EVENTS})`
      const others = sql`SELECT ${mailAccounts.grantId} FROM ${mailAccounts} WHERE ${mailAccounts.id} = ${id}
        UNION SELECT ${mailAccounts.tenant} FROM ${mailAccounts} WHERE ${mailAccounts.id} = ${id}
        UNION SELECT json_extract(data, '$.grant') FROM ${newestOwn}
        UNION SELECT json_extract(data, '$.tenant') FROM ${newestOwn}`
      const checked = and(
        eq(validations.mailAccountId, id),
        sql`saved = 1`,
        gte(validations.checkedAt, from),
      )
      // Reads only what the index of the timeline holds.
      const newest = sql`SELECT rowid AS place, checked_at, outcome FROM ${validations} WHERE ${checked}
        ORDER BY checked_at DESC LIMIT ${MOST_CHECKS}`
      const inOrder = sql`SELECT place, outcome, lag(outcome) OVER (ORDER BY checked_at) AS previous
        FROM (${newest}) WHERE outcome <> 'inconclusive'`
      const firstFailures = sql`SELECT place FROM (${inOrder})
        WHERE outcome = 'failed' AND previous IS NOT 'failed'`
      const [days, own, related, checks, failures] = await db.batch([
        db
          .select()
          .from(dailyCounts)
          .where(and(eq(dailyCounts.subject, id), gte(dailyCounts.day, firstDay))),
        selectEvents(and(eq(events.subject, id), visible)),
        selectEvents(and(sql`${events.subject} IN (${others})`, gte(events.at, from), visible)),
        db
          .select({ at: validations.checkedAt, outcome: validations.outcome })
          .from(validations)
          .where(checked)
          .orderBy(desc(validations.checkedAt))
          .limit(MOST_CHECKS),
        db.select().from(validations).where(sql`rowid IN (${firstFailures})`),
      ])
      return {
        days,
        events: [...own, ...related]
          .map(toTimelineEvent)
          .toSorted((a, b) => b.at.getTime() - a.at.getTime()),
        checks: checks.toReversed(),
        failures: failures.map(toValidation),
      }
    },

    /** Returns the days of these accounts since `firstDay` with any count. */
    readDays: (
      ids: readonly string[],
      firstDay: Day,
    ): Promise<(AccountDay & { subject: string })[]> =>
      db
        .select()
        .from(dailyCounts)
        .where(and(sql`${dailyCounts.subject} IN ${listed(ids)}`, gte(dailyCounts.day, firstDay))),

    /** Returns the days since `firstDay` with any count, of all accounts or of those within the scope. */
    readDeployment: (firstDay: Day, scope: AccessScope): Promise<DeploymentDay[]> =>
      byScope(scope, {
        all: () => sumDays(firstDay, listed([ALL])),
        mail_accounts: ({ mailAccountIds }) => sumDays(firstDay, listed(mailAccountIds)),
        customer: () =>
          sumDays(firstDay, sql`(SELECT id FROM ${mailAccounts} WHERE ${accountWithin(scope)})`),
      }),
  }
}
