/** Figures for the monitoring, in one round trip. */
import { and, count, eq, gt, isNotNull, isNull, max, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { dailyCounts } from '../../schema/d1/daily-counts.ts'
import { maintenanceTasks, webhookDeliveries } from '../../schema/d1/operating-tables.ts'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import { GrantStatus } from '../../schema/grant.ts'
import { Health } from '../../schema/mail-account.ts'
import { DeliveryStatus } from '../../schema/webhook.ts'
import type { Figures } from '../model/metrics.ts'
import { urgency, urgencyOf } from './account-health.ts'
import { appTokenOfAccount } from './app-tokens.ts'
import { type Database, time } from './database.ts'
import { ALL } from './history.ts'

export function createMetricsStore(db: Database) {
  return {
    async read(now: Date): Promise<Figures> {
      const [
        [savedGrants],
        [unsavedGrants],
        accounts,
        [tokenRequests],
        [deliveries],
        [integration],
        [maintenance],
      ] = await db.batch([
        // Apart from the unsaved ones, so that an index answers: the rows hold tokens.
        db
          .select(countsBy(grants.state, SAVED_STATES))
          .from(grants)
          .where(isNotNull(grants.savedAt)),
        db
          .select({ unsaved: count() })
          .from(grants)
          .where(and(isNull(grants.savedAt), gt(grants.expiresAt, now.getTime()))),
        // Grouped: a count for each health would evaluate the rules once for each.
        db
          .select({ urgency, accounts: count().as('accounts') })
          .from(mailAccounts)
          .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
          .leftJoin(appTokens, appTokenOfAccount)
          .groupBy(sql`urgency`),
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
      ])
      if (!savedGrants || !unsavedGrants || !tokenRequests || !deliveries) {
        throw new Error('A count without a row')
      }
      return {
        grants: { ...unsavedGrants, ...savedGrants },
        mailAccounts: byHealth(accounts),
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

const byHealth = (rows: readonly { urgency: number; accounts: number }[]) =>
  Object.fromEntries(
    Health.options.map((health) => [
      health,
      rows.find(({ urgency }) => urgency === urgencyOf(health))?.accounts ?? 0,
    ]),
  ) as Record<Health, number>

const total = (column: SQLiteColumn) => sql<number>`coalesce(sum(${column}), 0)`.as(column.name)
