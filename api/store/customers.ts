/** Customers, known from the first request that names them. */

import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import { decodeBase64UrlText, encodeBase64Url } from '../../schema/base64.ts'
import type { ListQuery } from '../../schema/common.ts'
import { readCursor } from '../../schema/cursor.ts'
import {
  customers,
  events,
  idempotencyRecords,
  webhookDeliveries,
  webhooks,
} from '../../schema/d1/operating-tables.ts'
import {
  adminConsents,
  authorizations,
  grants,
  mailAccounts,
  validations,
} from '../../schema/d1/tables.ts'
import { type CustomerRecord, UNLIMITED } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/storage.ts'
import { type Database, time } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import { pageOf } from './pages.ts'

const toRecord = ({ name, suspendedAt }: typeof customers.$inferSelect): CustomerRecord => ({
  name,
  suspendedAt: time(suspendedAt),
})

export function createCustomerStore(db: Database) {
  return {
    /** Makes the customer known, unless one differs in case only. Returns the known name. */
    async admit(name: string): Promise<string> {
      const [, [row]] = await db.batch([
        db.insert(customers).values({ name }).onConflictDoNothing(),
        db
          .select({ name: customers.name })
          .from(customers)
          .where(eq(sql`lower(${customers.name})`, name.toLowerCase())),
      ])
      return row?.name ?? name
    },

    async read(name: string): Promise<CustomerRecord | null> {
      const [row] = await db.select().from(customers).where(eq(customers.name, name))
      return row ? toRecord(row) : null
    },

    /** Lists customers by name. */
    async list({ limit, cursor }: ListQuery): Promise<Page<CustomerRecord>> {
      const position = cursor === undefined ? null : readCursor(cursor)
      const rows = await db
        .select()
        .from(customers)
        .where(gt(customers.name, position ? decodeBase64UrlText(position.id) : ''))
        .orderBy(customers.name)
        .limit(limit + 1)
      const place = ({ name }: { name: string }) => ({ at: 0, id: encodeBase64Url(name) })
      return pageOf(rows, limit, place, toRecord, UNLIMITED)
    },

    /** Suspends it from then on; null resumes it. Idempotent: a repeat writes no event. */
    async suspend(name: string, at: Date | null, event: EventRecord): Promise<void> {
      await db.batch([
        db
          .update(customers)
          .set({ suspendedAt: at?.getTime() ?? null })
          .where(
            and(
              eq(customers.name, name),
              at ? isNull(customers.suspendedAt) : sql`${customers.suspendedAt} IS NOT NULL`,
            ),
          ),
        insertEventIfChanged(db, event),
      ])
    },

    /** Deletes everything of the customer but its revoked keys, and writes the event. */
    async remove(name: string, event: EventRecord): Promise<void> {
      const own: SQL = sql`(SELECT ${webhooks.id} FROM ${webhooks} WHERE ${webhooks.customer} = ${name})`
      await db.batch([
        db.delete(authorizations).where(eq(authorizations.customer, name)),
        db.delete(adminConsents).where(eq(adminConsents.customer, name)),
        db.delete(webhookDeliveries).where(sql`${webhookDeliveries.webhookId} IN ${own}`),
        db.delete(webhooks).where(eq(webhooks.customer, name)),
        db.delete(mailAccounts).where(eq(mailAccounts.customer, name)),
        db.delete(grants).where(eq(grants.customer, name)),
        db.delete(validations).where(eq(validations.customer, name)),
        db.delete(idempotencyRecords).where(eq(idempotencyRecords.customer, name)),
        db.delete(events).where(eq(events.customer, name)),
        db.delete(customers).where(eq(customers.name, name)),
        insertEvent(db, event),
      ])
    },
  }
}
