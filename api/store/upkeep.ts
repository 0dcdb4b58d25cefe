/** What the scheduled handler asks for and removes, and the smallest question to the database. */

import { and, asc, eq, gt, inArray, isNotNull, isNull, lt, lte, ne, or, sql } from 'drizzle-orm'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import type { EventRecord } from '../model/event.ts'
import type { GrantRecord } from '../model/grant.ts'
import type { Database } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import { grantColumns, toGrant } from './grants.ts'
import { createPurge } from './purge.ts'
import { labelOf, type Sealer } from './seal.ts'

/** Grants are asked for only with the client and cloud that they were made with. */
type App = { clientId: string | null; cloud: Cloud }

const HOUR = 3_600_000
/** Accounts in one look for those that somebody validated since. */
const LOOK_AT = 1000

export function createUpkeepStore(db: Database, sealer: Sealer) {
  const labels = sealer.kids.map((kid) => labelOf(kid, 'grants'))
  /** What a refresh could do nothing about would stand first in every run. */
  const within = ({ clientId, cloud }: App) =>
    and(
      isNotNull(grants.savedAt),
      eq(grants.clientId, clientId ?? ''),
      eq(grants.cloud, cloud),
      inArray(grants.refreshTokenLabel, labels),
      or(
        isNull(grants.previousRefreshTokenLabel),
        inArray(grants.previousRefreshTokenLabel, labels),
      ),
    )

  return {
    /** Throws when D1 does not answer, or the migrations were not applied. */
    async ping(): Promise<void> {
      await db.select({ one: sql`1` }).from(integrations).limit(1)
    },

    purge: createPurge(db),

    /** Working grants whose refresh token was last exchanged before then, longest ago first. */
    async idleGrants(app: App, before: Date, now: Date, limit: number): Promise<GrantRecord[]> {
      const rows = await db
        .select(grantColumns)
        .from(grants)
        .where(
          and(
            eq(grants.state, 'active'),
            lt(grants.refreshedAt, before.getTime()),
            or(isNull(grants.retryAt), lte(grants.retryAt, now.getTime())),
            within(app),
          ),
        )
        .orderBy(asc(grants.refreshedAt))
        .limit(limit)
      return rows.map(toGrant)
    },

    /**
     * Failed grants whose time to try again has come. Those that failed least often come first: what
     * fails for good must not keep the others from their turn.
     */
    async failedGrants(app: App, now: Date, limit: number): Promise<GrantRecord[]> {
      const rows = await db
        .select(grantColumns)
        .from(grants)
        .where(
          and(
            lte(grants.retryAt, now.getTime()),
            inArray(grants.state, ['cooling_down', 'blocked']),
            within(app),
          ),
        )
        .orderBy(asc(grants.failures), asc(grants.retryAt))
        .limit(limit)
      return rows.map(toGrant)
    },

    /**
     * Of a grant that cannot be asked for: it goes behind the others of its queue, idle ones until
     * `until`. Neither its tokens nor its state are touched, and whoever needs its token may try.
     */
    async putOff(id: string, until: Date): Promise<void> {
      await db
        .update(grants)
        .set({
          failures: sql`${grants.failures} + 1`,
          retryAt: sql`iif(${grants.state} = 'active', ${until.getTime()}, ${grants.retryAt})`,
        })
        .where(eq(grants.id, id))
    },

    /** False when this step, or a nearer one, was told already, or the credential is another by now. */
    async markWarned(expiresAt: Date, daysLeft: number, event: EventRecord): Promise<boolean> {
      const [updated] = await db.batch([
        db
          .update(integrations)
          .set({ credentialWarnedDays: daysLeft })
          .where(
            and(
              eq(integrations.id, 'microsoft'),
              eq(integrations.credentialExpiresAt, expiresAt.getTime()),
              or(
                isNull(integrations.credentialWarnedDays),
                gt(integrations.credentialWarnedDays, daysLeft),
              ),
            ),
          )
          .returning({ id: integrations.id }),
        insertEventIfChanged(db, event),
      ])
      return updated.length === 1
    },

    /** Accounts that were validated within the time are due only when that is over. */
    async skipValidated(since: Date): Promise<void> {
      const due = db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(lt(mailAccounts.scheduledAt, since.getTime()))
        .orderBy(asc(mailAccounts.scheduledAt))
        .limit(LOOK_AT)
      await db
        .update(mailAccounts)
        .set({ scheduledAt: sql`${mailAccounts.lastValidationAt}` })
        .where(
          and(
            inArray(mailAccounts.id, due),
            sql`${mailAccounts.lastValidationAt} >= ${since.getTime()}`,
          ),
        )
    },

    /**
     * The id of the account that nobody looked at for longest, if that is longer than `every`
     * milliseconds; it is this caller's for an hour, and due again after that unless accountDone() comes.
     */
    async claimAccount(now: Date, every: number): Promise<string | null> {
      const since = now.getTime() - every
      const oldest = db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(lt(mailAccounts.scheduledAt, since))
        .orderBy(asc(mailAccounts.scheduledAt))
        .limit(1)
      const [claimed] = await db
        .update(mailAccounts)
        .set({ scheduledAt: since + HOUR })
        .where(inArray(mailAccounts.id, oldest))
        .returning({ id: mailAccounts.id })
      return claimed?.id ?? null
    },

    async accountDone(id: string, now: Date): Promise<void> {
      await db
        .update(mailAccounts)
        .set({ scheduledAt: now.getTime() })
        .where(and(eq(mailAccounts.id, id), ne(mailAccounts.scheduledAt, now.getTime())))
    },
  }
}
