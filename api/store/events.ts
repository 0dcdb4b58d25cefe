/** The audit trail. An event is written in the same batch as the change that it records. */
import { and, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { RunnableQuery } from 'drizzle-orm/runnable-query'
import { apiKeys, events } from '../../schema/d1/operating-tables.ts'
import { mailAccounts } from '../../schema/d1/tables.ts'
import type { EventQuery } from '../../schema/event.ts'
import { type AccessScope, customerOf } from '../model/access.ts'
import { type EventRecord, notifiesWebhooks, type StoredEvent } from '../model/event.ts'
import type { Page } from '../model/storage.ts'
import { eventWithin } from './access-scope.ts'
import { type Database, insertRows, insertSelect } from './database.ts'
import { after, filteredBy, newestFirst, pageOf } from './pagination.ts'

/**
 * Returns the value of the customer column. For an event about a tenant, it is a subquery over the tenant's accounts.
 */
const customerColumn = ({
  customer,
}: Pick<EventRecord, 'customer'>): string | null | SQL<string> =>
  customer === null || typeof customer === 'string'
    ? customer
    : sql`(SELECT iif(count(DISTINCT coalesce(m.customer, '')) = 1, max(m.customer), NULL)
        FROM mail_accounts m WHERE m.tenant = ${customer.ofTenant})`

const toRow = (event: EventRecord) => ({
  id: event.id,
  customer: customerColumn(event),
  type: event.type,
  at: event.at,
  actorType: event.actor.type,
  actorId: event.actor.id,
  actorName: event.actor.name ?? null,
  subject: event.subject,
  data: event.data,
  pendingDelivery: notifiesWebhooks(event),
})

/** Returns a statement for a batch. */
export const insertEvent = (db: Database, event: EventRecord) =>
  db.insert(events).values(toRow(event))

/**
 * Returns a statement for a batch. It writes the event only if the statement before it changed a row, so that a lost
 * race leaves no event.
 */
export const insertEventIfChanged = (db: Database, event: EventRecord) =>
  insertSelect(db, events, toRow(event), sql`WHERE changes() > 0`)

/**
 * Runs a change, its event and the statements after it in one batch. Returns whether the change affected a row. Without
 * one, there is no event.
 */
export async function writeWithEvent(
  db: Database,
  change: RunnableQuery<D1Result, 'sqlite'>,
  event: EventRecord | null,
  ...after: readonly BatchItem<'sqlite'>[]
): Promise<boolean> {
  const [changed] = await db.batch([
    change,
    ...(event ? [insertEventIfChanged(db, event)] : []),
    ...after,
  ])
  return changed.meta.changes > 0
}

/** Returns a statement for a batch. It writes the event if the other event was written before it. */
export const insertEventOf = (db: Database, event: EventRecord, other: string) =>
  insertSelect(
    db,
    events,
    toRow(event),
    sql`WHERE EXISTS (SELECT 1 FROM ${events} WHERE ${events.id} = ${other})`,
  )

/** Returns a statement for a batch: writes the events of the mail accounts that exist. */
export const insertEventsOfAccounts = (db: Database, list: readonly EventRecord[]) =>
  insertRows(
    db,
    events,
    list.map(toRow),
    sql`WHERE EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.id} = value ->> 'subject')`,
  )

/**
 * Returns a statement for a batch: writes one event for each `subject` of the query, with its `customer`, and its
 * `facts` added to `data`. The ids have the form of newId().
 */
export function insertEventForEach(db: Database, event: Omit<EventRecord, 'id'>, subjects: SQL) {
  const row = toRow({ ...event, id: '' })
  const hex = sql`lower(hex(randomblob(13)))`
  const tail = sql`replace(replace(replace(replace(${hex}, '0', 'g'), '1', 'h'), '8', 'i'), '9', 'j')`
  const values = {
    ...row,
    id: sql`'ev_' || ${tail}`,
    customer: sql`customer`,
    subject: sql`subject`,
    // The facts come first, since json_patch() removes the members that are null in its second argument.
    data: sql`json_patch(facts, ${JSON.stringify(row.data)})`,
  }
  return insertSelect(db, events, values, sql`FROM (${subjects})`)
}

/** Returns the condition for events before a time. A cursor is earlier, so its condition must be the one that uses the index. */
const earlierThan = (time: Date, hasCursor: boolean): SQL =>
  hasCursor ? sql`+${events.at} < ${time}` : lt(events.at, time)

/** Returns a function that selects the ids of the newest events that meet its condition and these. */
const newest = (conditions: SQL | undefined, limit: number) => (condition: SQL) =>
  sql`SELECT id FROM ${events} WHERE ${and(condition, conditions)}
    ORDER BY ${sql.join(newestFirst(events.at, events.id), sql`, `)} LIMIT ${sql.param(limit)}`

/** Number of the newest events of a mailbox in which its earlier sign-ins are found. */
const MOST_READ = 100

/**
 * Selects the ids of the newest events about a mailbox: those with its address, and those about its sign-ins and the
 * tenants of its app-only access, which may serve other mailboxes, too.
 */
function ofMailbox(username: string, select: (condition: SQL) => SQL): SQL {
  const hasAddress = sql`lower(data ->> 'username') = lower(${username})`
  const isAccount = sql`lower(${mailAccounts.username}) = lower(${username})`
  const others = sql`SELECT grant_id AS id FROM ${mailAccounts} WHERE ${isAccount}
    UNION SELECT tenant FROM ${mailAccounts} WHERE ${isAccount}
    UNION SELECT coalesce(data ->> 'grant', data ->> 'grant_id') FROM (SELECT data FROM ${events}
      WHERE ${hasAddress} ORDER BY at DESC LIMIT ${sql.param(MOST_READ)})`
  return sql`SELECT id FROM (${select(hasAddress)}) UNION SELECT found.id FROM (${others}) AS other, ${events} AS found
    WHERE found.id IN (${select(sql`${events.subject} = other.id`)})`
}

export function createEventStore(db: Database) {
  return {
    /** Does nothing if an event with this id exists. */
    async addOnce(event: EventRecord): Promise<void> {
      await insertEvent(db, event).onConflictDoNothing()
    },

    /** Returns true if the event, and with it the change that it records, was written. */
    async has(id: string): Promise<boolean> {
      const rows = await db.select({ id: events.id }).from(events).where(eq(events.id, id))
      return rows.length === 1
    },

    /** `isOwnKey` is true if a key of the scope's customer caused the event. */
    async list(
      { type, subject, username, before, limit, cursor }: EventQuery,
      scope: AccessScope,
    ): Promise<Page<StoredEvent & { isOwnKey: boolean }>> {
      const within = eventWithin(scope)
      const customer = customerOf(scope)
      // The index of a subject or mailbox finds fewer events than that of a customer, which also contains the type.
      const isNarrow = subject !== undefined || username !== undefined
      const conditions = and(
        within && (isNarrow ? sql`+${within}` : within),
        ...(within && !isNarrow
          ? filteredBy([[events.type, type]])
          : filteredBy(
              [
                [events.subject, subject],
                [events.type, type],
              ],
              username === undefined,
            )),
        after(cursor, events.at, events.id),
        before === undefined ? undefined : earlierThan(new Date(before), cursor !== undefined),
      )
      const rows = await db
        .select({
          event: events,
          isOwnKey: sql<number>`EXISTS (SELECT 1 FROM ${apiKeys} WHERE ${apiKeys.id} = ${events.actorId}
            AND ${apiKeys.customer} = ${customer})`,
        })
        .from(events)
        .where(
          username === undefined
            ? conditions
            : sql`${events.id} IN (${ofMailbox(username, newest(conditions, limit + 1))})`,
        )
        .orderBy(...newestFirst(events.at, events.id))
        .limit(limit + 1)
      const listed = rows.map((row) => ({ ...toEvent(row.event), isOwnKey: row.isOwnKey === 1 }))
      return pageOf(listed, limit, ({ at, id }) => ({ at: at.getTime(), id }), scope)
    },
  }
}

export const toEvent = (row: typeof events.$inferSelect): StoredEvent => ({
  id: row.id,
  customer: row.customer,
  type: row.type,
  at: row.at,
  actor: {
    type: row.actorType,
    id: row.actorId,
    ...(row.actorName !== null && { name: row.actorName }),
  },
  subject: row.subject,
  data: row.data,
})
