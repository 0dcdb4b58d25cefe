/** Figures for the monitoring, read at once. */
import { and, count, eq, gt, isNotNull, isNull, max, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { dailyCounts } from '../../schema/d1/daily-counts.ts'
import { maintenanceTasks, webhookDeliveries } from '../../schema/d1/operating-tables.ts'
import { grants, integrations } from '../../schema/d1/tables.ts'
import { GrantStatus } from '../../schema/grant.ts'
import { DeliveryStatus } from '../../schema/webhook.ts'
import type { Figures } from '../model/metrics.ts'
import { createAccountsByHealth } from './accounts-by-health.ts'
import { type Database, time } from './database.ts'
import { ALL } from './history.ts'

export function createMetricsStore(db: Database) {
  const byHealth = createAccountsByHealth(db)
  return {
    async read(now: Date): Promise<Figures> {
      const [
        [
          [savedGrants],
          [unsavedGrants],
          [tokenRequests],
          [deliveries],
          [integration],
          [maintenance],
        ],
        accounts,
      ] = await Promise.all([
        db.batch([
          // Apart from the unsaved ones, so that an index answers: the rows hold tokens.
          db
            .select(countsBy(grants.state, SAVED_STATES))
            .from(grants)
            .where(isNotNull(grants.savedAt)),
          db
            .select({ unsaved: count() })
            .from(grants)
            .where(and(isNull(grants.savedAt), gt(grants.expiresAt, now.getTime()))),
          db
            .select({
              succeeded: total(dailyCounts.tokensSucceeded),
              refused: total(dailyCounts.tokensRefused),
              failed: total(dailyCounts.tokensFailed),
            })
            .from(dailyCounts)
            .where(eq(dailyCounts.subject, ALL)),
          db
            .select(countsBy(webhookDeliveries.state, DeliveryStatus.options))
            .from(webhookDeliveries),
          db
            .select({ expiresAt: integrations.credentialExpiresAt })
            .from(integrations)
            .where(eq(integrations.id, sql`'microsoft'`)),
          db.select({ finishedAt: max(maintenanceTasks.finishedAt) }).from(maintenanceTasks),
        ]),
        byHealth.count([]),
      ])
      if (!savedGrants || !unsavedGrants || !tokenRequests || !deliveries) {
        throw new Error('A count without a row')
      }
      return {
        grants: { ...unsavedGrants, ...savedGrants },
        mailAccounts: accounts,
        tokenRequests,
        deliveries,
        credentialExpiresAt: time(integration?.expiresAt ?? null),
        maintenanceFinishedAt: time(maintenance?.finishedAt ?? null),
      }
    },
  }
}

const SAVED_STATES = GrantStatus.exclude(['unsaved']).options

/** Columns that count the rows with each value. */
const countsBy = <Value extends string>(column: SQLiteColumn, values: readonly Value[]) =>
  Object.fromEntries(
    values.map((value) => [
      value,
      sql<number>`count(*) FILTER (WHERE ${column} = ${value})`.as(value),
    ]),
  ) as Record<Value, SQL.Aliased<number>>

const total = (column: SQLiteColumn) => sql<number>`coalesce(sum(${column}), 0)`.as(column.name)
