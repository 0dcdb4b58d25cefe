/** Figures for the monitoring. */
import { and, asc, count, eq, gt, isNotNull, isNull, lte, max, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { maintenanceTasks, webhookDeliveries } from '../../schema/d1/operating-tables.ts'
import { dailyCounts, grants, grantTokens, integrations } from '../../schema/d1/tables.ts'
import { GrantStatus } from '../../schema/grant.ts'
import { DeliveryStatus } from '../../schema/webhook.ts'
import type { GrantState } from '../model/grant.ts'
import type { StoredFigures } from '../model/operations.ts'
import { countByProtocol, countsBy } from './accounts-by-health.ts'
import type { Database } from './database.ts'
import { ALL } from './history.ts'

export function createMetricsStore(db: Database) {
  /** Selects the earliest retry of a token in this state that is due. */
  const firstRetry = (state: GrantState, now: Date) =>
    db
      .select({ at: grantTokens.retryAt })
      .from(grantTokens)
      .innerJoin(grants, eq(grants.id, grantTokens.grantId))
      .where(
        and(
          eq(grantTokens.state, state),
          lte(grantTokens.retryAt, now),
          sql`+${grants.savedAt} IS NOT NULL`,
        ),
      )
      .orderBy(asc(grantTokens.retryAt))
      .limit(1)
  return {
    /** Reads the figures. `idleMs`: time after its last refresh at which a grant is due for the next one. */
    async read(now: Date, idleMs: number): Promise<StoredFigures> {
      const [
        // Not in the batch: it counts every row, and no other request has its turn during a batch.
        [savedGrants],
        [deliveries],
        [[unsavedGrants], [tokenRequests], [integration], [maintenance], [idle], ...retries],
        accounts,
      ] = await Promise.all([
        // Apart from the unsaved ones, so that an index is enough, since the rows hold tokens.
        db
          .select(countsBy(grants.state, SAVED_STATES))
          .from(grants)
          .where(isNotNull(grants.savedAt)),
        db
          .select(countsBy(webhookDeliveries.state, DeliveryStatus.options))
          .from(webhookDeliveries),
        db.batch([
          db
            .select({ unsaved: count() })
            .from(grants)
            .where(and(isNull(grants.savedAt), gt(grants.expiresAt, now))),
          db
            .select({
              succeeded: total(dailyCounts.tokensSucceeded),
              refused: total(dailyCounts.tokensRefused),
              failed: total(dailyCounts.tokensFailed),
            })
            .from(dailyCounts)
            .where(eq(dailyCounts.subject, ALL)),
          db
            .select({ credential: integrations.credential, active: integrations.active })
            .from(integrations)
            .where(eq(integrations.id, sql`'microsoft'`)),
          db.select({ finishedAt: max(maintenanceTasks.finishedAt) }).from(maintenanceTasks),
          db
            .select({ at: grants.refreshedAt })
            .from(grants)
            .where(
              and(
                eq(grants.state, 'active'),
                isNotNull(grants.savedAt),
                lte(grants.refreshedAt, new Date(now.getTime() - idleMs)),
              ),
            )
            .orderBy(asc(grants.refreshedAt))
            .limit(1),
          firstRetry('cooling_down', now),
          firstRetry('blocked', now),
        ]),
        countByProtocol(db, []),
      ])
      if (!savedGrants || !unsavedGrants || !tokenRequests || !deliveries) {
        throw new Error('A count without a row')
      }
      const dueAt = [
        ...(idle?.at ? [idle.at.getTime() + idleMs] : []),
        ...retries.flat().flatMap(({ at }) => at?.getTime() ?? []),
      ]
      return {
        grants: { ...unsavedGrants, ...savedGrants },
        mailAccounts: accounts,
        tokenRequests,
        deliveries,
        credentialExpiresAt: integration?.credential?.expiresAt ?? null,
        maintenanceFinishedAt: maintenance?.finishedAt ?? null,
        refreshDueAt: integration?.active && dueAt.length > 0 ? new Date(Math.min(...dueAt)) : null,
      }
    },
  }
}

const SAVED_STATES = GrantStatus.exclude(['unsaved']).options

const total = (column: SQLiteColumn) => sql<number>`coalesce(sum(${column}), 0)`.as(column.name)
