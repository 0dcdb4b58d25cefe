/** Deletes expired data, by index and in bounded batches. */
import { and, isNull, lt, ne, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import {
  consoleSessions,
  events,
  idempotencyRecords,
  webhookDeliveries,
} from '../../schema/d1/operating-tables.ts'
import {
  adminConsents,
  appTokens,
  authorizations,
  countedCalls,
  dailyCounts,
  grants,
  integrations,
  mailAccounts,
  tokenUses,
  validations,
} from '../../schema/d1/tables.ts'
import { DAY_MS } from '../../schema/durations.ts'
import { type Database, some } from './database.ts'
import { ALL } from './history.ts'

const dayOf = (at: Date) => Math.floor(at.getTime() / DAY_MS)

const beforeTime = (column: SQLiteColumn) => (at: Date) => lt(column, at)

/** Kinds of data, each with its table and the condition for what expired, ended or was created before a time. */
const KINDS = {
  unsavedGrants: [grants, (at: Date) => and(isNull(grants.savedAt), lt(grants.expiresAt, at))],
  // An authorization ends before its expiry, or moments after, so the index on the expiry finds those that have ended.
  authorizations: [
    authorizations,
    (at: Date) =>
      and(lt(authorizations.expiresAt, at), sql`coalesce(${authorizations.endedAt}, 0) < ${at}`),
  ],
  adminConsents: [adminConsents, beforeTime(adminConsents.expiresAt)],
  consoleSessions: [consoleSessions, beforeTime(consoleSessions.expiresAt)],
  idempotencyRecords: [idempotencyRecords, beforeTime(idempotencyRecords.expiresAt)],
  validations: [validations, beforeTime(validations.checkedAt)],
  countedCalls: [countedCalls, beforeTime(countedCalls.requestedAt)],
  events: [events, beforeTime(events.at)],
  /** Messages to webhooks that were delivered or given up. */
  deliveries: [
    webhookDeliveries,
    (at: Date) => and(lt(webhookDeliveries.createdAt, at), ne(webhookDeliveries.state, 'pending')),
  ],
  /** Expired tokens of a previous app, or for tenants without an account. */
  appTokens: [
    appTokens,
    (at: Date) =>
      sql`coalesce(${appTokens.accessTokenExpiresAt}, 0) < ${at}
        AND coalesce(${appTokens.leaseExpiresAt}, 0) < ${at}
        AND NOT EXISTS (SELECT 1 FROM ${mailAccounts}, ${integrations}
          WHERE ${mailAccounts.tenant} = ${appTokens.tenant} AND ${mailAccounts.tenant} IS NOT NULL
            AND ${mailAccounts.resource} = ${appTokens.resource}
            AND ${integrations.clientId} = ${appTokens.clientId}
            AND ${integrations.cloud} = ${appTokens.cloud})`,
  ],
  /**
   * Days of the histories of email accounts. The rows of the whole deployment stay, one a day, since their sums are
   * counters, which must not go down.
   */
  dailyCounts: [
    dailyCounts,
    (at: Date) => and(lt(dailyCounts.day, dayOf(at)), ne(dailyCounts.subject, ALL)),
  ],
  tokenUses: [tokenUses, (at: Date) => lt(tokenUses.day, dayOf(at))],
} as const satisfies Record<string, readonly [SQLiteTable, (at: Date) => SQL | undefined]>

type PurgeBefore = Record<keyof typeof KINDS, Date>

export const createPurge =
  (db: Database) =>
  /**
   * Deletes rows of each kind until `limit` is reached, `rowsAtOnce` in each statement, and returns how many of each.
   */
  async (before: PurgeBefore, limit: number, rowsAtOnce: number): Promise<number[]> => {
    const counts: number[] = []
    for (const [kind, [table, condition]] of Object.entries(KINDS)) {
      const expired = condition(before[kind as keyof PurgeBefore])
      let removed = 0
      let more = true
      while (more && removed < limit) {
        // D1's own count would include the rows that a trigger deletes.
        const { length } = await db
          .delete(table)
          .where(some(table, expired, rowsAtOnce))
          .returning({ one: sql`1` })
        removed += length
        more = length >= rowsAtOnce
      }
      counts.push(removed)
    }
    return counts
  }
