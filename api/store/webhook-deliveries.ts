/**
 * The queue of messages to webhooks, which is their log too. Messages are made from events inside the
 * database, so none is lost or made twice, whoever looks and whenever a run dies.
 */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { events, webhookDeliveries } from '../../schema/d1/operating-tables.ts'
import type { WebhookDeliveryQuery } from '../../schema/webhook.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/page.ts'
import type { DeliveryAttempt, DeliveryRecord } from '../model/webhook.ts'
import { type Database, time } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import { after, newestFirst, pageOf } from './pages.ts'

/** Events in one look, which must end in time whatever has happened; the next look goes on. */
const EVENTS = 1000
/** A message stays small, and far below the 2 MB that D1 takes as a value. */
const ACCOUNTS = 100

/** By their index, which a condition in other words would not use. */
const untold = sql`untold = 1 ORDER BY rowid LIMIT ${EVENTS}`

/**
 * Accounts of a grant or of an app-only tenant, or the one that was validated: whoever is told knows
 * which mailbox it is about.
 */
const payload = sql`json_object(
  'type', e.type,
  'timestamp', strftime('%Y-%m-%dT%H:%M:%fZ', e.at / 1000.0, 'unixepoch'),
  'data', json_patch(e.data, json_object('event_id', e.id, 'subject', e.subject, 'mail_accounts',
    (SELECT json_group_array(id) FROM (SELECT m.id FROM mail_accounts m
      WHERE m.grant_id = e.subject OR m.tenant = e.subject OR m.id = e.data ->> 'mail_account'
      LIMIT ${ACCOUNTS})))))`

export function createDeliveryStore(db: Database) {
  const due = (now: number) =>
    sql`${webhookDeliveries.nextAttemptAt} <= ${now} AND coalesce(${webhookDeliveries.leaseExpiresAt}, 0) <= ${now}`

  return {
    /** Makes a message for every endpoint that listens, once per event, the oldest events first. */
    async enqueue(now: Date): Promise<void> {
      const at = now.getTime()
      await db.batch([
        db.insert(webhookDeliveries).select(sql`
          SELECT 'msg_' || lower(hex(randomblob(16))), w.id, e.id, e.type, ${payload}, 'pending', 0,
                 ${at}, NULL, NULL, NULL, NULL, ${at}
          FROM (SELECT * FROM events WHERE ${untold}) e JOIN webhooks w ON w.enabled
          WHERE EXISTS (SELECT 1 FROM json_each(w.events) WHERE value = e.type)`),
        db
          .update(events)
          .set({ untold: false })
          .where(sql`rowid IN (SELECT rowid FROM events WHERE ${untold})`),
      ])
    },

    /** A message that is not made from an event of the trail alone: a test. */
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
     * Takes messages that are due, oldest first, to other webhooks than those of `except`; nobody else
     * gets them before the lease has ended.
     */
    async take(
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

    /** How attempts went, in one round trip. What was given up meanwhile is not taken up again. */
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

    /** Sends it again, whatever became of it; its back-off starts anew. Null when it is not there. */
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
