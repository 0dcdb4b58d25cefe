/** Test messages that were requested: what their limits count. */
import { and, desc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { testMessages } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type { TestMessageLimits, TestMessageRecord } from '../model/validation.ts'
import { type Database, insertSelect, time } from './database.ts'
import { insertEventIfChanged } from './events.ts'

export function createTestMessageStore(db: Database) {
  const isSince = (column: SQLiteColumn, value: string, since: Date): SQL | undefined =>
    and(eq(column, value), gt(testMessages.requestedAt, since.getTime()))

  /** Returns the time of the message that is the `count`th last since then; null if there are fewer. */
  async function nthLast(column: SQLiteColumn, value: string, count: number, since: Date) {
    const [row] = await db
      .select({ requestedAt: testMessages.requestedAt })
      .from(testMessages)
      .where(isSince(column, value, since))
      .orderBy(desc(testMessages.requestedAt))
      .limit(1)
      .offset(count - 1)
    return time(row?.requestedAt ?? null)
  }

  return {
    /** Counts the message and writes its event, both with one id. Returns false if a limit is reached. */
    async claim(
      { mailbox, actorId, requestedAt }: TestMessageRecord,
      limits: TestMessageLimits,
      event: EventRecord,
    ): Promise<boolean> {
      const count = (column: SQLiteColumn, value: string) =>
        sql`(SELECT count(*) FROM ${testMessages} WHERE ${isSince(column, value, limits.since)})`
      const row = { id: event.id, mailbox, actorId, requestedAt: requestedAt.getTime() }
      const [inserted] = await db.batch([
        insertSelect(
          db,
          testMessages,
          row,
          sql`WHERE ${count(testMessages.mailbox, mailbox)} < ${limits.perMailbox}
            AND ${count(testMessages.actorId, actorId)} < ${limits.perActor}`,
        ),
        insertEventIfChanged(db, event),
      ])
      return inserted.meta.changes === 1
    },

    /** Returns the messages that fill the limits; null for a limit that is not reached. */
    async oldestCounted(
      { mailbox, actorId }: Pick<TestMessageRecord, 'mailbox' | 'actorId'>,
      { perMailbox, perActor, since }: TestMessageLimits,
    ): Promise<{ ofMailbox: Date | null; ofActor: Date | null }> {
      const [ofMailbox, ofActor] = await Promise.all([
        nthLast(testMessages.mailbox, mailbox, perMailbox, since),
        nthLast(testMessages.actorId, actorId, perActor, since),
      ])
      return { ofMailbox, ofActor }
    },

    /** Returns true if a message with this id was counted. */
    async has(id: string): Promise<boolean> {
      const rows = await db
        .select({ id: testMessages.id })
        .from(testMessages)
        .where(eq(testMessages.id, id))
      return rows.length === 1
    },
  }
}
