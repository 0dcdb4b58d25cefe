/** Clean-up after the restore of an older database, in which access that has ended since is open again. */
import { and, eq, gt, isNull } from 'drizzle-orm'
import { apiKeys, consoleSessions } from '../../schema/d1/operating-tables.ts'
import { adminConsents, authorizations } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type { Database } from './database.ts'
import { insertEvent } from './events.ts'

export function createRestoreStore(db: Database) {
  return {
    /** Ends console sessions, open authorizations and links to admins. Idempotent but for the event. */
    async endOpenAccess(
      now: Date,
      { reviewKeys }: { reviewKeys: boolean },
      event: EventRecord,
    ): Promise<void> {
      const expiresAt = now.getTime()
      await db.batch([
        insertEvent(db, event),
        db.delete(consoleSessions),
        db
          .update(authorizations)
          .set({ expiresAt })
          .where(
            and(eq(authorizations.status, 'pending'), gt(authorizations.expiresAt, expiresAt)),
          ),
        db
          .update(adminConsents)
          .set({ expiresAt })
          .where(and(isNull(adminConsents.succeededAt), gt(adminConsents.expiresAt, expiresAt))),
        ...(reviewKeys
          ? [db.update(apiKeys).set({ needsReview: true }).where(isNull(apiKeys.revokedAt))]
          : []),
      ])
    },
  }
}
