/** Queries of the scheduled maintenance, and the check that the database is complete. */
import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { maintenanceTasks } from '../../schema/d1/operating-tables.ts'
import {
  appTokens,
  grants,
  grantTokens,
  integrations,
  mailAccounts,
} from '../../schema/d1/tables.ts'
import { HOUR_MS } from '../../schema/durations.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import type { EventRecord } from '../model/event.ts'
import type { GrantRecord } from '../model/grant.ts'
import type { FinishedTask, TaskRecord } from '../model/operations.ts'
import { allTables } from './all-tables.ts'
import { type Database, listed } from './database.ts'
import { writeWithEvent } from './events.ts'
import { bestTokenOfGrant, grantColumns, grantTokenColumns } from './grants.ts'
import { withProblem } from './leases.ts'
import { createPurge } from './purge.ts'
import { labelOf, type Sealer } from './seal.ts'

/** The app in the settings. Only its grants can be refreshed. */
type App = { clientId: string | null; cloud: Cloud }

type WaitingColumns = Record<
  'state' | 'failedAt' | 'retryAt' | 'problemCode' | 'problemFacts',
  SQLiteColumn
>

const CLAIM_MS = HOUR_MS

export function createMaintenanceStore(db: Database, sealer: Sealer) {
  const labels = sealer.kids.map((kid) => labelOf(kid, 'grants'))
  /**
   * Returns the condition for saved grants of the app whose refresh tokens the key ring can open. All others would
   * fail, and come first in every run.
   */
  const within = ({ clientId, cloud }: App) =>
    and(
      isNotNull(grants.savedAt),
      // None of these may choose the index, since they hold for almost every grant.
      sql`+${grants.clientId} = ${clientId ?? ''}`,
      sql`+${grants.cloud} = ${cloud}`,
      sql`+${grants.refreshTokenLabel} IN ${labels}`,
      sql`(+${grants.previousRefreshTokenLabel} IS NULL OR +${grants.previousRefreshTokenLabel} IN ${labels})`,
    )

  return {
    /** Throws unless D1 responds and has every table and column. Reads no row. */
    async ping(): Promise<void> {
      const [first, ...others] = allTables.map((table) =>
        db
          .select({ one: sql`1` })
          .from(table)
          // A condition, since SQLite takes an unknown name in the column list for a string.
          .where(and(...Object.values(getTableColumns(table)).map((column) => isNull(column))))
          .limit(0),
      )
      if (first) await db.batch([first, ...others])
    },

    purge: createPurge(db),

    /** Returns working grants that were last refreshed before then, longest ago first. */
    async idleGrants(app: App, before: Date, limit: number): Promise<GrantRecord[]> {
      const rows = await db
        .select({ ...grantColumns, ...grantTokenColumns })
        .from(grants)
        .innerJoin(grantTokens, bestTokenOfGrant)
        .where(and(eq(grants.state, 'active'), lt(grants.refreshedAt, before), within(app)))
        .orderBy(asc(grants.refreshedAt))
        .limit(limit)
      return rows.map(withProblem)
    },

    /**
     * Returns grants with a failed token that is due for a retry, those that have waited longest first. Each failure
     * doubles the next wait, so one that always fails does not take the turn of the others. Blocked ones come last,
     * since an administrator must act first.
     */
    async failedGrants(app: App, now: Date, limit: number): Promise<GrantRecord[]> {
      const due = (state: 'cooling_down' | 'blocked') =>
        db
          .select({ ...grantColumns, ...grantTokenColumns })
          .from(grantTokens)
          .innerJoin(grants, eq(grants.id, grantTokens.grantId))
          .where(and(eq(grantTokens.state, state), lte(grantTokens.retryAt, now), within(app)))
          .orderBy(asc(grantTokens.retryAt))
          .limit(limit)
      const rows = (await db.batch([due('cooling_down'), due('blocked')])).flat()
      return rows.slice(0, limit).map(withProblem)
    },

    /**
     * Brings forward the retries of tokens that failed in an outage which has ended, to random times within `spreadMs`. A
     * token failed in an outage if none was issued around that time, and the outage has ended if one has been since. For
     * the token of a grant, only those of grants count. A token that fails while others work, or is throttled, keeps its
     * pause. Writes up to `limit` rows of each kind in one statement.
     */
    async endOutagePauses(now: Date, spreadMs: number, limit: number): Promise<void> {
      const workingGrants = sql`FROM ${grants} AS working WHERE working.state = 'active'
        AND working.saved_at IS NOT NULL AND working.refreshed_at`
      const workingTokens = sql`FROM ${appTokens} AS issued WHERE issued.state = 'active' AND issued.fetched_at`
      const lastRefresh = sql`(SELECT max(working.refreshed_at) ${workingGrants} <= ${now})`
      const lastIssue = sql`(SELECT max(issued.fetched_at) ${workingTokens} <= ${now})`
      const isWaiting = ({
        state,
        failedAt,
        retryAt,
        problemCode,
        problemFacts,
      }: WaitingColumns) => ({
        condition: and(
          eq(state, 'cooling_down'),
          gt(retryAt, new Date(now.getTime() + spreadMs)),
          eq(problemCode, 'provider_unavailable'),
          sql`${problemFacts} ->> 'kind' IN ('unreachable', 'timeout', 'unavailable', 'malformed')`,
        ),
        // Each failure doubles the pause, so the attempt before the last one was half a pause earlier, or more.
        meanwhile: sql`BETWEEN ${failedAt} - (${retryAt} - ${failedAt}) / 2 AND ${failedAt}`,
      })
      const grant = isWaiting(grantTokens)
      const token = isWaiting(appTokens)
      const waitingGrants = db
        .select({ row: sql`rowid` })
        .from(grantTokens)
        .where(
          and(
            grant.condition,
            sql`${grantTokens.failedAt} < ${lastRefresh}`,
            sql`NOT EXISTS (SELECT 1 ${workingGrants} ${grant.meanwhile})`,
          ),
        )
        .limit(limit)
      const waitingTokens = db
        .select({ id: appTokens.id })
        .from(appTokens)
        .where(
          and(
            token.condition,
            sql`${appTokens.failedAt} < max(coalesce(${lastRefresh}, 0), coalesce(${lastIssue}, 0))`,
            sql`NOT EXISTS (SELECT 1 ${workingGrants} ${token.meanwhile})`,
            sql`NOT EXISTS (SELECT 1 ${workingTokens} ${token.meanwhile})`,
          ),
        )
        .limit(limit)
      const retryAt = sql`${now} + (random() & 0x7fffffff) % ${spreadMs}`
      await db.batch([
        db.update(grantTokens).set({ retryAt }).where(sql`rowid IN ${waitingGrants}`),
        db.update(appTokens).set({ retryAt }).where(inArray(appTokens.id, waitingTokens)),
      ])
    },

    /**
     * Makes due a grant and an app-only token that wait for Microsoft to respond: those that would wait longest.
     * Returns true if there is any.
     */
    async askSooner(app: App, now: Date): Promise<boolean> {
      const ofApp = and(eq(appTokens.clientId, app.clientId ?? ''), eq(appTokens.cloud, app.cloud))
      const ofGrant = sql`EXISTS (SELECT 1 FROM ${grants}
        WHERE ${grants.id} = ${grantTokens.grantId} AND ${within(app)})`
      const askLast = (table: typeof grantTokens | typeof appTokens, condition?: SQL) => {
        const last = db
          .select({ row: sql`rowid` })
          .from(table)
          .where(
            and(
              eq(table.state, 'cooling_down'),
              isNotNull(table.retryAt),
              sql`${table.problemFacts} ->> 'kind' IN ('unreachable', 'timeout', 'malformed')`,
              condition,
            ),
          )
          .orderBy(desc(table.retryAt))
          .limit(1)
        return db.update(table).set({ retryAt: now }).where(sql`rowid IN ${last}`)
      }
      const due = await db.batch([askLast(grantTokens, ofGrant), askLast(appTokens, ofApp)])
      return due.some(({ meta }) => meta.changes > 0)
    },

    /** Returns false if webhooks were notified of this step or a later one, or if the credential was replaced. */
    async markWarned(expiresAt: Date, daysLeft: number, event: EventRecord): Promise<boolean> {
      return writeWithEvent(
        db,
        db
          .update(integrations)
          .set({ credentialWarnedDays: daysLeft })
          .where(
            and(
              eq(integrations.id, 'microsoft'),
              sql`${integrations.credential} ->> 'expiresAt' = ${expiresAt}`,
              or(
                isNull(integrations.credentialWarnedDays),
                gt(integrations.credentialWarnedDays, daysLeft),
              ),
            ),
          ),
        event,
      )
    },

    /** Returns true if the last check of any account is before then. */
    async isAnyDue(since: Date): Promise<boolean> {
      const rows = await db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(lt(mailAccounts.scheduledAt, since.getTime()))
        .limit(1)
      return rows.length > 0
    },

    async countAccounts(): Promise<number> {
      return db.$count(mailAccounts)
    },

    /**
     * Claims accounts whose last check is before then, longest ago first, and returns their ids. The claim
     * lasts an hour; they are due again then, unless finishAccounts() was called. Those that were validated since then,
     * on request, are due again a period after that instead.
     */
    async claimAccounts(since: Date, now: Date, limit: number): Promise<string[]> {
      const { id, lastValidationAt, scheduledAt } = mailAccounts
      const isValidated = sql<number>`coalesce(${lastValidationAt} BETWEEN ${since} AND ${now}, 0)`
      const oldest = db
        .select({ id })
        .from(mailAccounts)
        .where(lt(scheduledAt, since.getTime()))
        .orderBy(asc(scheduledAt))
        .limit(limit)
      const claimed = await db
        .update(mailAccounts)
        .set({
          scheduledAt: sql`iif(${isValidated}, ${lastValidationAt}, ${since.getTime() + CLAIM_MS})`,
        })
        .where(inArray(id, oldest))
        .returning({ id, isValidated })
      return claimed.flatMap((account) => (account.isValidated === 0 ? [account.id] : []))
    },

    /** Ends claims: `done` accounts are due again a period later, those `left` at once. */
    async finishAccounts(
      { done, left }: { done: readonly string[]; left: readonly string[] },
      since: Date,
      now: Date,
    ): Promise<void> {
      const checked = now.getTime()
      const due = since.getTime() - 1
      await db
        .update(mailAccounts)
        .set({
          scheduledAt: sql`iif(${mailAccounts.id} IN ${listed(done)}, ${checked}, ${due})`,
        })
        .where(sql`${mailAccounts.id} IN ${listed([...done, ...left])}`)
    },
  }
}

export function createMaintenanceRunStore(db: Database) {
  return {
    /** Records a run in one statement. A task that failed is left out, so its last success stays. */
    async record(finished: readonly FinishedTask[], now: Date): Promise<void> {
      if (finished.length === 0) return
      await db
        .insert(maintenanceTasks)
        .values(
          finished.map(({ task, more }) => ({
            task,
            finishedAt: now,
            behindSince: more ? now : null,
          })),
        )
        .onConflictDoUpdate({
          target: maintenanceTasks.task,
          set: {
            finishedAt: sql`excluded.finished_at`,
            behindSince: sql`iif(excluded.behind_since IS NULL, NULL,
              coalesce(${maintenanceTasks.behindSince}, excluded.behind_since))`,
          },
        })
    },

    async read(): Promise<TaskRecord[]> {
      return db.select().from(maintenanceTasks)
    },
  }
}
