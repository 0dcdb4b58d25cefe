/** Links for tenant admins, found by the hash of their state, and usable until they have succeeded. */
import { and, eq, isNull } from 'drizzle-orm'
import { adminConsents, authorizations } from '../../schema/d1/tables.ts'
import type { AdminConsentRecord } from '../model/admin-consent.ts'
import type { EventRecord } from '../model/event.ts'
import { type Database, time } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import type { Sealer } from './seal.ts'

const linkContext = (row: string) => ({ table: 'authorizations', row, column: 'admin_link' })

export function createAdminConsentStore(db: Database, sealer: Sealer) {
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

    /** Returns the link for this authorization, or null. Throws KeyMissing. */
    async readLinkOf(id: string): Promise<string | null> {
      const [row] = await db
        .select({ sealed: authorizations.adminLinkSealed })
        .from(authorizations)
        .where(eq(authorizations.id, id))
      return row?.sealed ? sealer.open(row.sealed, linkContext(id)) : null
    },

    /** Stores the link. Returns false, with nothing changed, when there is one. */
    async keepLinkOf(id: string, url: string): Promise<boolean> {
      const updated = await db
        .update(authorizations)
        .set({ adminLinkSealed: await sealer.seal(url, linkContext(id)) })
        .where(and(eq(authorizations.id, id), isNull(authorizations.adminLinkSealed)))
        .returning({ id: authorizations.id })
      return updated.length === 1
    },

    /** Records that the link was used. Returns false when it had been before. */
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
