/** What the scheduled handler removes, and the smallest question to the database. */
import { and, isNull, lt, or, sql } from 'drizzle-orm'
import { consoleSessions } from '../../schema/d1/operating-tables.ts'
import {
  adminConsents,
  authorizations,
  grants,
  integrations,
  validations,
} from '../../schema/d1/tables.ts'
import type { Database } from './database.ts'

export type PurgeBefore = {
  /** Unsaved grants whose hour is over. */
  unsavedGrants: Date
  /** Authorizations that ended or expired before. */
  authorizations: Date
  adminConsents: Date
  validations: Date
  consoleSessions: Date
}

export function createUpkeepStore(db: Database) {
  return {
    /** Throws when D1 does not answer, or the migrations were not applied. */
    async ping(): Promise<void> {
      await db.select({ one: sql`1` }).from(integrations).limit(1)
    },

    /** One transaction; running it twice, or two at once, removes nothing more. */
    async purge(before: PurgeBefore): Promise<number> {
      const removed = await db.batch([
        db
          .delete(grants)
          .where(and(isNull(grants.savedAt), lt(grants.expiresAt, before.unsavedGrants.getTime()))),
        db
          .delete(authorizations)
          .where(
            or(
              lt(authorizations.endedAt, before.authorizations.getTime()),
              and(
                isNull(authorizations.endedAt),
                lt(authorizations.expiresAt, before.authorizations.getTime()),
              ),
            ),
          ),
        db.delete(adminConsents).where(lt(adminConsents.expiresAt, before.adminConsents.getTime())),
        db
          .delete(consoleSessions)
          .where(lt(consoleSessions.expiresAt, before.consoleSessions.getTime())),
        db.delete(validations).where(lt(validations.checkedAt, before.validations.getTime())),
      ])
      return removed.reduce((sum, result) => sum + result.meta.changes, 0)
    },
  }
}
