/**
 * The queue of messages to webhooks, which is also their log. An event waits in the database until its
 * messages are queued, in one batch: none is lost or queued twice, even when runs overlap or die.
 */
import { and, eq, getTableColumns, inArray, sql } from 'drizzle-orm'
import { events, webhookDeliveries } from '../../schema/d1/operating-tables.ts'
import type { WebhookDeliveryQuery } from '../../schema/webhook.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/page.ts'
import type { DeliveryAttempt, DeliveryRecord, NewMessage, PendingEvent } from '../model/webhook.ts'
import { type Database, insertSelect, time } from './database.ts'
import { insertEvent, insertEventIfChanged, toEvent } from './events.ts'
import { after, newestFirst, pageOf } from './pages.ts'

/** Events per call: each call is short, and the next one continues. */
const EVENTS = 1000
/** Mail accounts named in one message, which keeps it small. */
const ACCOUNTS = 100
/** Messages per statement, which keeps the parameter far below D1's limit of 2 MB for a value. */
const CHUNK = 100

/** Accounts of a grant, accounts of an app-only tenant, or the account that was validated. */
const concernedAccounts = sql<string>`(SELECT json_group_array(id) FROM (
  SELECT m.id FROM mail_accounts m
  WHERE m.grant_id = events.subject OR m.tenant = events.subject
    OR m.id = events.data ->> 'mail_account'
  LIMIT ${ACCOUNTS}))`

export function createDeliveryStore(db: Database) {
  const due = (now: number) =>
    sql`${webhookDeliveries.nextAttemptAt} <= ${now} AND coalesce(${webhookDeliveries.leaseExpiresAt}, 0) <= ${now}`

  return {
    /** Returns the events that webhooks have not been notified of, the oldest first. */
    async pendingEvents(): Promise<PendingEvent[]> {
      const rows = await db
        .select({ ...getTableColumns(events), accounts: concernedAccounts })
        .from(events)
        // In these words: another condition would not use the partial index.
        .where(sql`untold = 1`)
        .orderBy(sql`rowid`)
        .limit(EVENTS)
      return rows.map(({ accounts, ...row }) => ({
        event: toEvent(row),
        mailAccountIds: JSON.parse(accounts) as string[],
      }))
    },

    /**
     * Queues each message for every webhook that listens to its event. Events that another run has
     * queued in the meantime are skipped, so that each is sent once.
     */
    async enqueue(messages: readonly NewMessage[], now: Date): Promise<void> {
      const at = now.getTime()
      const insert = (chunk: readonly NewMessage[]) =>
        insertSelect(
          db,
          webhookDeliveries,
          {
            id: sql`'msg_' || lower(hex(randomblob(16)))`,
            webhookId: sql`w.id`,
            eventId: sql`e.id`,
            type: sql`e.type`,
            payload: sql`message.value ->> 'payload'`,
            nextAttemptAt: at,
            createdAt: at,
          },
          // CROSS JOIN keeps this order of loops, and with it the order of the events.
          sql`FROM json_each(${JSON.stringify(chunk)}) AS message
              CROSS JOIN events e ON e.id = message.value ->> 'eventId' AND e.untold = 1
              CROSS JOIN webhooks w ON w.enabled
              WHERE EXISTS (SELECT 1 FROM json_each(w.events) WHERE value = e.type)`,
        )
      const [first, ...others] = chunksOf(messages).map(insert)
      if (!first) return
      const ids = JSON.stringify(messages.map(({ eventId }) => eventId))
      await db.batch([
        first,
        ...others,
        db
          .update(events)
          .set({ pendingDelivery: false })
          .where(sql`${events.id} IN (SELECT value FROM json_each(${ids}))`),
      ])
    },

    /** Queues one message for one webhook, with its event: a test. */
    async add(
      delivery: Pick<DeliveryRecord, 'id' | 'webhookId' | 'type' | 'payload'>,
      now: Date,
      event: EventRecord,
    ): Promise<void> {
      const at = now.getTime()
      await db.batch([
        db
          .insert(webhookDeliveries)
          .values({ ...delivery, eventId: event.id, nextAttemptAt: at, createdAt: at }),
        insertEvent(db, event),
      ])
    },

    /**
     * Leases messages that are due, the oldest first, except those to the webhooks in `except`. No other
     * run gets them before the lease expires.
     */
    async lease(
      limit: number,
      now: Date,
      leaseMs: number,
      except: readonly string[] = [],
    ): Promise<DeliveryRecord[]> {
      const at = now.getTime()
      const ids = db
        .select({ id: webhookDeliveries.id })
        .from(webhookDeliveries)
        .where(
          sql`${due(at)} AND ${webhookDeliveries.webhookId} NOT IN
            (SELECT value FROM json_each(${JSON.stringify(except)}))`,
        )
        .orderBy(webhookDeliveries.nextAttemptAt)
        .limit(limit)
      const rows = await db
        .update(webhookDeliveries)
        .set({ leaseExpiresAt: at + leaseMs })
        .where(inArray(webhookDeliveries.id, ids))
        .returning()
      return rows.map(toRecord)
    },

    /** Records attempts in one round trip. A message that was given up in the meantime stays so. */
    async record(attempts: readonly DeliveryAttempt[]): Promise<void> {
      const [first, ...others] = attempts.map(({ id, at, status, error, state, nextAttemptAt }) =>
        db
          .update(webhookDeliveries)
          .set({
            state,
            nextAttemptAt: nextAttemptAt?.getTime() ?? null,
            leaseExpiresAt: null,
            lastError: error,
            ...(at && {
              attempts: sql`${webhookDeliveries.attempts} + 1`,
              lastAttemptAt: at.getTime(),
              lastStatus: status,
            }),
          })
          .where(
            and(
              eq(webhookDeliveries.id, id),
              state === 'pending' ? eq(webhookDeliveries.state, state) : undefined,
            ),
          ),
      )
      if (first) await db.batch([first, ...others])
    },

    /** Sends a message again, whatever its state, with a new back-off. Returns null if it does not exist. */
    async requeue(
      webhookId: string,
      id: string,
      now: Date,
      event: EventRecord,
    ): Promise<DeliveryRecord | null> {
      const [[row]] = await db.batch([
        db
          .update(webhookDeliveries)
          .set({
            state: 'pending',
            attempts: 0,
            nextAttemptAt: now.getTime(),
            leaseExpiresAt: null,
          })
          .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.webhookId, webhookId)))
          .returning(),
        insertEventIfChanged(db, event),
      ])
      return row ? toRecord(row) : null
    },

    async list(
      webhookId: string,
      { status, limit, cursor }: WebhookDeliveryQuery,
    ): Promise<Page<DeliveryRecord>> {
      const rows = await db
        .select()
        .from(webhookDeliveries)
        .where(
          and(
            eq(webhookDeliveries.webhookId, webhookId),
            status && eq(webhookDeliveries.state, status),
            after(cursor, webhookDeliveries.createdAt, webhookDeliveries.id),
          ),
        )
        .orderBy(...newestFirst(webhookDeliveries.createdAt, webhookDeliveries.id))
        .limit(limit + 1)
      return pageOf(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }), toRecord)
    },
  }
}

const toRecord = (row: typeof webhookDeliveries.$inferSelect): DeliveryRecord => ({
  id: row.id,
  webhookId: row.webhookId,
  eventId: row.eventId,
  type: row.type,
  payload: row.payload,
  state: row.state,
  attempts: row.attempts,
  nextAttemptAt: time(row.nextAttemptAt),
  lastAttemptAt: time(row.lastAttemptAt),
  lastStatus: row.lastStatus,
  lastError: row.lastError,
  createdAt: new Date(row.createdAt),
})

const chunksOf = (messages: readonly NewMessage[]): NewMessage[][] =>
  Array.from({ length: Math.ceil(messages.length / CHUNK) }, (_, index) =>
    messages.slice(index * CHUNK, (index + 1) * CHUNK),
  )
