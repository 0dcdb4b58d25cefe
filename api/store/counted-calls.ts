/** Test messages and requests to the second reader: what their limits count. */
import { and, desc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { countedCalls } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type {
  SecondReadingLimits,
  TestMessageLimits,
  TestMessageRecord,
} from '../model/validation.ts'
import { type Database, insertSelect, time } from './database.ts'
import { insertEventIfChanged } from './events.ts'

const SECOND_READER = 'second_reader'

export function createCountedCallStore(db: Database) {
  const isSince = (column: SQLiteColumn, value: string, since: Date): SQL | undefined =>
    and(eq(column, value), gt(countedCalls.requestedAt, since.getTime()))

  const count = (column: SQLiteColumn, value: string, since: Date): SQL =>
    sql`(SELECT count(*) FROM ${countedCalls} WHERE ${isSince(column, value, since)})`

  /** Returns the time of the message that is the `count`th last since then; null if there are fewer. */
  async function nthLast(column: SQLiteColumn, value: string, count: number, since: Date) {
    const [row] = await db
      .select({ requestedAt: countedCalls.requestedAt })
      .from(countedCalls)
      .where(isSince(column, value, since))
      .orderBy(desc(countedCalls.requestedAt))
      .limit(1)
      .offset(count - 1)
    return time(row?.requestedAt ?? null)
  }

  return {
    /** Counts the message and writes its event, both with one id. Returns false if a limit is reached. */
    async claimTestMessage(
      { mailbox, actorId, requestedAt }: TestMessageRecord,
      limits: TestMessageLimits,
      event: EventRecord,
    ): Promise<boolean> {
      const row = { id: event.id, subject: mailbox, actorId, requestedAt: requestedAt.getTime() }
      const [inserted] = await db.batch([
        insertSelect(
          db,
          countedCalls,
          row,
          sql`WHERE ${count(countedCalls.subject, mailbox, limits.since)} < ${limits.perMailbox}
            AND ${count(countedCalls.actorId, actorId, limits.since)} < ${limits.perActor}`,
        ),
        insertEventIfChanged(db, event),
      ])
      return inserted.meta.changes === 1
    },

    /** Counts a request to the second reader. Returns false if a limit is reached. */
    async claimSecondReading(
      { id, actorId, requestedAt }: Omit<TestMessageRecord, 'mailbox'> & { id: string },
      { perHour, hour, perDay, day, perActor }: SecondReadingLimits,
    ): Promise<boolean> {
      const actor = `${SECOND_READER}:${actorId}`
      const row = { id, subject: SECOND_READER, actorId: actor, requestedAt: requestedAt.getTime() }
      const inserted = await insertSelect(
        db,
        countedCalls,
        row,
        sql`WHERE ${count(countedCalls.subject, SECOND_READER, hour)} < ${perHour}
          AND ${count(countedCalls.subject, SECOND_READER, day)} < ${perDay}
          AND ${count(countedCalls.actorId, actor, hour)} < ${perActor}`,
      )
      return inserted.meta.changes === 1
    },

    /** Returns the messages that fill the limits; null for a limit that is not reached. */
    async oldestCounted(
      { mailbox, actorId }: Pick<TestMessageRecord, 'mailbox' | 'actorId'>,
      { perMailbox, perActor, since }: TestMessageLimits,
    ): Promise<{ ofMailbox: Date | null; ofActor: Date | null }> {
      const [ofMailbox, ofActor] = await Promise.all([
        nthLast(countedCalls.subject, mailbox, perMailbox, since),
        nthLast(countedCalls.actorId, actorId, perActor, since),
      ])
      return { ofMailbox, ofActor }
    },

    /** Returns true if a message with this id was counted. */
    async has(id: string): Promise<boolean> {
      const rows = await db
        .select({ id: countedCalls.id })
        .from(countedCalls)
        .where(eq(countedCalls.id, id))
      return rows.length === 1
    },
  }
}
