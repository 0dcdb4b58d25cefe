/** Links for tenant admins at rest: known by the hash of their state, good until they succeeded. */
import { and, eq, isNull } from 'drizzle-orm'
import { adminConsents } from '../../schema/d1/tables.ts'
import { type Database, time } from './database.ts'
import { type EventRecord, insertEvent, insertEventIfChanged } from './events.ts'

export type AdminConsentRecord = {
  id: string
  tenant: string
  authorizationId: string | null
  createdAt: Date
  expiresAt: Date
  succeededAt: Date | null
}

export function createAdminConsentStore(db: Database) {
  return {
    async create(
      input: Omit<AdminConsentRecord, 'succeededAt'> & { stateHash: string },
      event: EventRecord,
    ): Promise<void> {
      await db.batch([
        db.insert(adminConsents).values({
          ...input,
          createdAt: input.createdAt.getTime(),
          expiresAt: input.expiresAt.getTime(),
        }),
        insertEvent(db, event),
      ])
    },

    async readByState(stateHash: string): Promise<AdminConsentRecord | null> {
      const [row] = await db
        .select()
        .from(adminConsents)
        .where(eq(adminConsents.stateHash, stateHash))
      if (!row) return null
      return {
        id: row.id,
        tenant: row.tenant,
        authorizationId: row.authorizationId,
        createdAt: new Date(row.createdAt),
        expiresAt: new Date(row.expiresAt),
        succeededAt: time(row.succeededAt),
      }
    },

    /** Ends the link. False when it had succeeded before. */
    async succeed(id: string, now: Date, event: EventRecord): Promise<boolean> {
      const [updated] = await db.batch([
        db
          .update(adminConsents)
          .set({ succeededAt: now.getTime() })
          .where(and(eq(adminConsents.id, id), isNull(adminConsents.succeededAt)))
          .returning({ id: adminConsents.id }),
        insertEventIfChanged(db, event),
      ])
      return updated.length === 1
    },
  }
}
