/** Deletes expired data, by index and in bounded batches. */
import { and, isNull, lt, ne, type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { dailyCounts } from '../../schema/d1/daily-counts.ts'
import {
  consoleSessions,
  events,
  idempotencyRecords,
  webhookDeliveries,
} from '../../schema/d1/operating-tables.ts'
import {
  adminConsents,
  authorizations,
  grants,
  integrations,
  mailAccounts,
  testMessages,
  validations,
} from '../../schema/d1/tables.ts'
import { tokenUses } from '../../schema/d1/token-uses.ts'
import { DAY_MS } from '../../schema/durations.ts'
import type { Database } from './database.ts'
import { ALL } from './history.ts'

/** Times: data that expired, ended or was created before them is deleted. */
export type PurgeBefore = {
  unsavedGrants: Date
  authorizations: Date
  adminConsents: Date
  consoleSessions: Date
  idempotencyRecords: Date
  validations: Date
  testMessages: Date
  events: Date
  /** Messages to webhooks that were delivered or given up. */
  deliveries: Date
  /** Expired tokens of a previous app, or for tenants that no account names. */
  appTokens: Date
  /** Days of the histories of email accounts. */
  dailyCounts: Date
  tokenUses: Date
}

export const createPurge =
  (db: Database) =>
  /** Deletes up to `limit` rows of each kind, a few in each statement, and returns how many of each. */
  async (before: PurgeBefore, limit: number, rowsAtOnce: number): Promise<number[]> => {
    async function remove(table: SQLiteTable, condition: SQL | undefined): Promise<number> {
      const some = sql`SELECT rowid FROM ${table} WHERE ${condition} LIMIT ${sql.param(rowsAtOnce)}`
      let removed = 0
      let more = true
      while (more && removed < limit) {
        const { meta } = await db.delete(table).where(sql`rowid IN (${some})`)
        removed += meta.changes
        more = meta.changes >= rowsAtOnce
      }
      return removed
    }
    const limitOf = (kind: keyof PurgeBefore) => before[kind].getTime()
    return [
      await remove(
        grants,
        and(isNull(grants.savedAt), lt(grants.expiresAt, limitOf('unsavedGrants'))),
      ),
      // Whatever has ended did so before its expiry, or moments after: the index on the expiry finds it.
      await remove(
        authorizations,
        and(
          lt(authorizations.expiresAt, limitOf('authorizations')),
          sql`coalesce(${authorizations.endedAt}, 0) < ${limitOf('authorizations')}`,
        ),
      ),
      await remove(adminConsents, lt(adminConsents.expiresAt, limitOf('adminConsents'))),
      await remove(consoleSessions, lt(consoleSessions.expiresAt, limitOf('consoleSessions'))),
      await remove(
        idempotencyRecords,
        lt(idempotencyRecords.expiresAt, limitOf('idempotencyRecords')),
      ),
      await remove(validations, lt(validations.checkedAt, limitOf('validations'))),
      await remove(testMessages, lt(testMessages.requestedAt, limitOf('testMessages'))),
      await remove(events, lt(events.at, limitOf('events'))),
      await remove(
        webhookDeliveries,
        and(
          lt(webhookDeliveries.createdAt, limitOf('deliveries')),
          ne(webhookDeliveries.state, 'pending'),
        ),
      ),
      await remove(
        appTokens,
        sql`coalesce(${appTokens.accessTokenExpiresAt}, 0) < ${limitOf('appTokens')}
          AND coalesce(${appTokens.leaseExpiresAt}, 0) < ${limitOf('appTokens')}
          AND NOT EXISTS (SELECT 1 FROM ${mailAccounts}, ${integrations}
            WHERE ${mailAccounts.tenant} = ${appTokens.tenant} AND ${mailAccounts.tenant} IS NOT NULL
              AND ${integrations.clientId} = ${appTokens.clientId}
              AND ${integrations.cloud} = ${appTokens.cloud})`,
      ),
      // The rows of the whole deployment stay, one a day: their sums are counters, which must not go down.
      await remove(
        dailyCounts,
        and(
          lt(dailyCounts.day, Math.floor(limitOf('dailyCounts') / DAY_MS)),
          ne(dailyCounts.subject, ALL),
        ),
      ),
      await remove(tokenUses, lt(tokenUses.day, Math.floor(limitOf('tokenUses') / DAY_MS))),
    ]
  }
