/** Deletes what has had its time, by index and in bounded batches. */
import { and, isNull, lt, ne, type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { appTokens } from '../../schema/d1/app-tokens.ts'
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
  validations,
} from '../../schema/d1/tables.ts'
import type { Database } from './database.ts'

export type PurgeBefore = {
  /** Unsaved grants whose hour is over. */
  unsavedGrants: Date
  /** Authorizations that ended or expired before. */
  authorizations: Date
  adminConsents: Date
  consoleSessions: Date
  idempotencyRecords: Date
  validations: Date
  events: Date
  /** Messages to webhooks that were made before, and delivered or given up. */
  deliveries: Date
  /** Tokens of the app for tenants that no account names, or of an app before, past their end. */
  appTokens: Date
}

export const createPurge =
  (db: Database) =>
  /** Rows removed of each kind. One transaction; twice, or two at once, removes nothing more. */
  async (before: PurgeBefore, limit: number): Promise<number[]> => {
    const remove = (table: SQLiteTable, condition: SQL | undefined) =>
      db
        .delete(table)
        .where(
          sql`rowid IN (SELECT rowid FROM ${table} WHERE ${condition} LIMIT ${sql.param(limit)})`,
        )
    const over = (kind: keyof PurgeBefore) => before[kind].getTime()
    const removed = await db.batch([
      remove(grants, and(isNull(grants.savedAt), lt(grants.expiresAt, over('unsavedGrants')))),
      // What has ended did so before it would have expired, or at most moments after.
      remove(
        authorizations,
        and(
          lt(authorizations.expiresAt, over('authorizations')),
          sql`coalesce(${authorizations.endedAt}, 0) < ${over('authorizations')}`,
        ),
      ),
      remove(adminConsents, lt(adminConsents.expiresAt, over('adminConsents'))),
      remove(consoleSessions, lt(consoleSessions.expiresAt, over('consoleSessions'))),
      remove(idempotencyRecords, lt(idempotencyRecords.expiresAt, over('idempotencyRecords'))),
      remove(validations, lt(validations.checkedAt, over('validations'))),
      remove(events, lt(events.at, over('events'))),
      remove(
        webhookDeliveries,
        and(
          lt(webhookDeliveries.createdAt, over('deliveries')),
          ne(webhookDeliveries.state, 'pending'),
        ),
      ),
      remove(
        appTokens,
        sql`coalesce(${appTokens.accessTokenExpiresAt}, 0) < ${over('appTokens')}
          AND coalesce(${appTokens.leaseExpiresAt}, 0) < ${over('appTokens')}
          AND NOT EXISTS (SELECT 1 FROM ${mailAccounts}, ${integrations}
            WHERE ${mailAccounts.tenant} = ${appTokens.tenant} AND ${mailAccounts.tenant} IS NOT NULL
              AND ${integrations.clientId} = ${appTokens.clientId}
              AND ${integrations.cloud} = ${appTokens.cloud})`,
      ),
    ])
    return removed.map((result) => result.meta.changes)
  }
