/** The audit trail. An event is written in the batch of the change that it tells of. */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { events } from '../../schema/d1/operating-tables.ts'
import type { EventQuery } from '../../schema/event.ts'
import { type EventRecord, notifiesWebhooks } from '../model/event.ts'
import type { Page } from '../model/page.ts'
import type { Database } from './database.ts'
import { after, newestFirst, pageOf } from './pages.ts'

const toRow = (event: EventRecord) => ({
  id: event.id,
  type: event.type,
  at: event.at.getTime(),
  actorType: event.actor.type,
  actorId: event.actor.id,
  subject: event.subject,
  data: event.data,
  untold: notifiesWebhooks(event),
})

/** A statement for a batch. */
export const insertEvent = (db: Database, event: EventRecord) =>
  db.insert(events).values(toRow(event))

/** The same, but only if the statement before it in the batch changed a row: no lost race is told. */
export function insertEventIfChanged(db: Database, event: EventRecord) {
  const row = toRow(event)
  // The columns come in the order of the table's definition.
  return db.insert(events).select(sql`
    SELECT ${row.id}, ${row.type}, ${row.at}, ${row.actorType}, ${row.actorId}, ${row.subject},
           ${JSON.stringify(row.data)}, ${row.untold ? 1 : 0}
    WHERE changes() > 0`)
}

/** One like it about each `subject` that the query selects, with its `facts`. Ids look as those of newId(). */
export function insertEventForEach(db: Database, event: Omit<EventRecord, 'id'>, subjects: SQL) {
  const row = toRow({ ...event, id: '' })
  const hex = sql`lower(hex(randomblob(13)))`
  const tail = sql`replace(replace(replace(replace(${hex}, '0', 'g'), '1', 'h'), '8', 'i'), '9', 'j')`
  return db.insert(events).select(sql`
    SELECT 'ev_' || ${tail}, ${row.type}, ${row.at}, ${row.actorType}, ${row.actorId}, subject,
           json_patch(${JSON.stringify(row.data)}, facts), ${row.untold ? 1 : 0}
    FROM (${subjects})`)
}

export function createEventStore(db: Database) {
  return {
    async add(event: EventRecord): Promise<void> {
      await insertEvent(db, event)
    },

    /** Nothing when an event with this id is there. */
    async addOnce(event: EventRecord): Promise<void> {
      await insertEvent(db, event).onConflictDoNothing()
    },

    /** Whether it was written, and with it the change that it tells of. */
    async has(id: string): Promise<boolean> {
      const rows = await db.select({ id: events.id }).from(events).where(eq(events.id, id))
      return rows.length === 1
    },

    async list({ type, subject, limit, cursor }: EventQuery): Promise<Page<EventRecord>> {
      const rows = await db
        .select()
        .from(events)
        .where(
          and(
            type && eq(events.type, type),
            subject ? eq(events.subject, subject) : undefined,
            after(cursor, events.at, events.id),
          ),
        )
        .orderBy(...newestFirst(events.at, events.id))
        .limit(limit + 1)
      return pageOf(rows, limit, (row) => ({ at: row.at, id: row.id }), toEvent)
    },
  }
}

const toEvent = (row: typeof events.$inferSelect): EventRecord => ({
  id: row.id,
  type: row.type,
  at: new Date(row.at),
  actor: { type: row.actorType, id: row.actorId },
  subject: row.subject,
  data: row.data,
})
