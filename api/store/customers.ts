/** Customers, known from the first request that names them. */
import { and, eq, gt, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
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
import { type Database, some } from './database.ts'
import { insertEventIfChanged, writeWithEvent } from './events.ts'
import { pageOf } from './pagination.ts'

/**
 * Deleting an email account takes as long as deleting this many other rows, since a trigger deletes its days of history
 * and of token uses.
 */
const ROWS_OF_ACCOUNT = 10

type OwnedTable = SQLiteTable & Record<'id' | 'customer', SQLiteColumn>

/**
 * Returns the condition that the customer was deleted at this time and its name is still reserved, or for null that it
 * exists and is not deleted.
 */
export const isDeletedSince = (name: string, at: Date | null): SQL =>
  sql`EXISTS (SELECT 1 FROM ${customers}
    WHERE ${customers.name} = ${name} AND ${customers.deletedAt} IS ${at})`

export function createCustomerStore(db: Database) {
  return {
    /** Adds the customer unless it is known, or one that differs in case only. Returns the known one. */
    async admit(name: string): Promise<CustomerRecord> {
      const [, [row]] = await db.batch([
        db.insert(customers).values({ name }).onConflictDoNothing(),
        db
          .select()
          .from(customers)
          .where(eq(sql`lower(${customers.name})`, name.toLowerCase())),
      ])
      return row ?? { name, suspendedAt: null, deletedAt: null }
    },

    async read(name: string): Promise<CustomerRecord | null> {
      const [row] = await db.select().from(customers).where(eq(customers.name, name))
      return row ?? null
    },

    /** Lists customers by name, without deleted ones. */
    async list({ limit, cursor }: ListQuery): Promise<Page<CustomerRecord>> {
      const position = cursor === undefined ? null : readCursor(cursor)
      const rows = await db
        .select()
        .from(customers)
        .where(
          and(
            gt(customers.name, position ? decodeBase64UrlText(position.id) : ''),
            isNull(customers.deletedAt),
          ),
        )
        .orderBy(customers.name)
        .limit(limit + 1)
      const place = ({ name }: { name: string }) => ({ at: 0, id: encodeBase64Url(name) })
      return pageOf(rows, limit, place, UNLIMITED)
    },

    /** Suspends it from then on; null resumes it. Leaves deleted ones alone. Idempotent: a repeat writes no event. */
    async suspend(name: string, at: Date | null, event: EventRecord): Promise<void> {
      await writeWithEvent(
        db,
        db
          .update(customers)
          .set({ suspendedAt: at })
          .where(
            and(
              eq(customers.name, name),
              isNull(customers.deletedAt),
              at ? isNull(customers.suspendedAt) : isNotNull(customers.suspendedAt),
            ),
          ),
        event,
      )
    },

    /**
     * Marks it as deleted, which suspends it and reserves its name until forget(). Returns it, or undefined if it is
     * unknown. Idempotent: a repeat writes no event.
     */
    async markDeleted(
      name: string,
      at: Date,
      event: EventRecord,
    ): Promise<CustomerRecord | undefined> {
      const [, , [marked]] = await db.batch([
        db
          .update(customers)
          .set({
            deletedAt: at,
            suspendedAt: sql`coalesce(${customers.suspendedAt}, ${at})`,
          })
          .where(and(eq(customers.name, name), isNull(customers.deletedAt))),
        insertEventIfChanged(db, event),
        db.select().from(customers).where(eq(customers.name, name)),
      ])
      return marked
    },

    /** Returns the deleted customers whose names are still reserved. */
    async listDeleted(): Promise<CustomerRecord[]> {
      return db.select().from(customers).where(isNotNull(customers.deletedAt))
    },

    /**
     * Deletes everything of the customer but its keys, in rounds of short statements, while `take` grants the
     * statements of a round. Returns whether nothing is left. If it ends after any statement, the next call continues.
     * Deletes nothing after forget(), since the name may be that of a new one.
     */
    async empty(
      { name, deletedAt }: CustomerRecord,
      rowsAtOnce: number,
      take: (statements: number) => boolean,
    ): Promise<boolean> {
      const isDeleted = isDeletedSince(name, deletedAt)
      const deleteOwn = (table: OwnedTable, limit = rowsAtOnce, condition?: SQL) =>
        db
          .delete(table)
          .where(some(table, and(eq(table.customer, name), condition, isDeleted), limit))
          .returning({ id: table.id })
      const parts = [authorizations, adminConsents, validations, idempotencyRecords, events].map(
        (table: OwnedTable) => async () => (await deleteOwn(table)).length === rowsAtOnce,
      )
      // A webhook goes after its deliveries, and a grant after the accounts, which show its state.
      parts.push(
        async () => {
          const own = sql`(SELECT ${webhooks.id} FROM ${webhooks} WHERE ${webhooks.customer} = ${name})`
          const ofWebhooks = sql`${webhookDeliveries.webhookId} IN ${own}`
          const [deliveries] = await db.batch([
            db
              .delete(webhookDeliveries)
              .where(some(webhookDeliveries, sql`${ofWebhooks} AND ${isDeleted}`, rowsAtOnce))
              .returning({ id: webhookDeliveries.id }),
            deleteOwn(
              webhooks,
              rowsAtOnce,
              sql`NOT EXISTS (SELECT 1 FROM ${webhookDeliveries} WHERE ${ofWebhooks})`,
            ),
          ])
          return deliveries.length === rowsAtOnce
        },
        async () => {
          const limit = Math.ceil(rowsAtOnce / ROWS_OF_ACCOUNT)
          const areUnused = sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.customer} = ${name})`
          const [accounts, released] = await db.batch([
            deleteOwn(mailAccounts, limit),
            deleteOwn(grants, rowsAtOnce, areUnused),
          ])
          return accounts.length === limit || released.length === rowsAtOnce
        },
      )
      let full = parts
      while (full.length > 0) {
        // Two of the parts have two statements.
        if (!take(full.length + 2)) return false
        // Waits for all, so that none goes on after a failure.
        const ends = await Promise.allSettled(full.map((part) => part()))
        const fault = ends.find((end) => end.status === 'rejected')
        if (fault) throw fault.reason
        full = full.filter((_, index) => {
          const end = ends[index]
          return end?.status === 'fulfilled' && end.value
        })
      }
      return true
    },

    /** Deletes the customer, so that its name can be used again. */
    async forget({ name, deletedAt }: CustomerRecord): Promise<void> {
      await db
        .delete(customers)
        .where(and(eq(customers.name, name), sql`${customers.deletedAt} = ${deletedAt}`))
    },
  }
}
