/**
 * The queue of messages to webhooks, which is also their log. An event waits in the database until its messages are
 * queued, in one batch, so none is lost or queued twice, even when runs overlap or die.
 */
import { and, asc, eq, getTableColumns, inArray, lte, sql } from 'drizzle-orm'
import { events, webhookDeliveries, webhooks } from '../../schema/d1/operating-tables.ts'
import { MINUTE_MS } from '../../schema/durations.ts'
import { messages, webhookEvents } from '../../schema/events.ts'
import type { WebhookDeliveryQuery } from '../../schema/webhook.ts'
import type { AccessScope } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { AloneSince, Page } from '../model/storage.ts'
import {
  DELIVERY_LEASE_MS,
  type DeliveryAttempt,
  type DeliveryRecord,
  type Endpoint,
  type LeasedDelivery,
  type NewMessage,
  type PendingEvent,
} from '../model/webhook.ts'
import { type Database, insertSelect, listed } from './database.ts'
import { insertEvent, insertEventIfChanged, toEvent } from './events.ts'
import { after, byCreation, newestFirst, pageOf } from './pagination.ts'
import { healthColumns } from './webhooks.ts'

const { leaseExpiresAt: _lease, ...columns } = getTableColumns(webhookDeliveries)

/** Most mail accounts in one message, which keeps it small. */
const ACCOUNTS = 100
/** Messages per statement, which keeps the parameter far below D1's limit of 2 MB for a value. */
const CHUNK = 100

/**
 * The accounts that an event concerns: those of its grant or app-only tenant, or the one that was validated or
 * reconnected. An event of a customer concerns only that customer's.
 */
const concernedAccounts = sql<string>`(SELECT json_group_array(id) FROM (
  SELECT m.id FROM mail_accounts m
  WHERE ((m.grant_id = events.subject AND coalesce(events.data ->> 'resource', m.resource) = m.resource)
      OR (m.tenant = events.subject AND coalesce(events.data ->> 'resource', 'outlook') = m.resource)
      OR m.id = coalesce(events.data ->> 'mail_account', events.data ->> 'mail_account_id'))
    AND (events.customer IS NULL OR m.customer = events.customer)
  LIMIT ${ACCOUNTS}))`

/** Events after which an account with OAuth cannot send. */
const STOPS_TOKENS = webhookEvents.filter((type) => messages[type].stopsTokens)

/** True if the event concerns the account that sends the messages of the webhook, which then cannot. */
const aboutItsSender = sql`EXISTS (SELECT 1 FROM mail_accounts m WHERE m.id = w.mail_account_id
  AND (m.grant_id = e.subject OR m.tenant = e.subject OR m.id = e.data ->> 'mail_account'
    OR (m.authentication <> 'password' AND e.type IN ${STOPS_TOKENS})))`

/** Upper bound of a lease, with a margin. One that would last longer was made before the clock was put back. */
const MAX_LEASE_MS = 5 * MINUTE_MS

export function createDeliveryStore(db: Database, aloneSince: AloneSince) {
  const notLeased = (now: Date) => {
    const at = now.getTime()
    const firstEnd = Math.max(at + 1, aloneSince(now) + DELIVERY_LEASE_MS)
    return sql`coalesce(${webhookDeliveries.leaseExpiresAt}, 0)
      NOT BETWEEN ${firstEnd} AND ${at + MAX_LEASE_MS}`
  }

  return {
    /** Returns up to `limit` events whose messages are not queued yet, the oldest first. */
    async pendingEvents(limit: number): Promise<PendingEvent[]> {
      const rows = await db
        .select({ ...getTableColumns(events), accounts: concernedAccounts })
        .from(events)
        // Written as in the partial index, which SQLite would not use otherwise.
        .where(sql`pending_delivery = 1`)
        .orderBy(sql`rowid`)
        .limit(limit)
      return rows.map(({ accounts, ...row }) => ({
        event: toEvent(row),
        mailAccountIds: JSON.parse(accounts) as string[],
      }))
    },

    /**
     * Queues each message for every enabled webhook of the event's customer or of the deployment that listens to it,
     * except where the event concerns the account that would send the message. Events that another run has queued in
     * the meantime are skipped, so that each is sent once.
     */
    async enqueue(messages: readonly NewMessage[], now: Date): Promise<void> {
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
            nextAttemptAt: now,
            createdAt: now,
          },
          // CROSS JOIN keeps this order of loops, and with it the order of the events.
          sql`FROM json_each(${JSON.stringify(chunk)}) AS message
              CROSS JOIN events e ON e.id = message.value ->> 'eventId' AND e.pending_delivery = 1
              CROSS JOIN webhooks w ON w.enabled AND (w.customer IS NULL OR w.customer = e.customer)
              WHERE EXISTS (SELECT 1 FROM json_each(w.events) WHERE value = e.type)
                AND NOT ${aboutItsSender}`,
        )
      const [first, ...others] = chunksOf(messages).map(insert)
      if (!first) return
      await db.batch([
        first,
        ...others,
        db
          .update(events)
          .set({ pendingDelivery: false })
          .where(sql`${events.id} IN ${listed(messages.map(({ eventId }) => eventId))}`),
      ])
    },

    /** Queues a test message for one webhook, with its event. */
    async add(
      delivery: Pick<DeliveryRecord, 'id' | 'webhookId' | 'type' | 'payload'>,
      now: Date,
      event: EventRecord,
    ): Promise<void> {
      await db.batch([
        db
          .insert(webhookDeliveries)
          .values({ ...delivery, eventId: event.id, nextAttemptAt: now, createdAt: now }),
        insertEvent(db, event),
      ])
    },

    /**
     * Returns endpoints that are not paused and have a message to send: one of each customer in turn, those that have
     * waited longest first. `onlyIdle`: without those whose oldest message is being sent by another run.
     */
    async dueEndpoints(now: Date, limit: number, onlyIdle: boolean): Promise<Endpoint[]> {
      const due = sql`FROM ${webhookDeliveries} WHERE ${webhookDeliveries.webhookId} = ${webhooks.id}
        AND ${webhookDeliveries.nextAttemptAt} <= ${now}`
      const oldest = sql`ORDER BY ${webhookDeliveries.nextAttemptAt} LIMIT 1`
      const rows = await db
        .select({
          id: webhooks.id,
          customer: webhooks.customer,
          type: webhooks.type,
          health: healthColumns,
          waitsSince: sql<number>`(SELECT ${webhookDeliveries.nextAttemptAt} ${due} ${oldest})`.as(
            'waits_since',
          ),
        })
        .from(webhooks)
        .where(
          and(
            sql`coalesce(${webhooks.backoffUntil}, 0) <= ${now}`,
            sql`coalesce(${webhooks.retryAfter}, 0) <= ${now}`,
            sql`coalesce(${webhooks.nextMessageAt}, 0) <= ${now}`,
            onlyIdle
              ? sql`(SELECT ${notLeased(now)} ${due} ${oldest})`
              : sql`EXISTS (SELECT 1 ${due} AND ${notLeased(now)})`,
          ),
        )
        .orderBy(
          sql`row_number() OVER (PARTITION BY ${webhooks.customer} ORDER BY waits_since)`,
          sql`waits_since`,
        )
        .limit(limit)
      return rows.map(({ waitsSince: _, ...endpoint }) => endpoint)
    },

    /** Leases messages to an endpoint that are due, the oldest first, or one of them (`only`). */
    async lease(
      webhookId: string,
      limit: number,
      now: Date,
      only: string | null = null,
    ): Promise<LeasedDelivery[]> {
      const leaseExpiresAt = new Date(now.getTime() + DELIVERY_LEASE_MS)
      const due = db
        .select({ id: webhookDeliveries.id })
        .from(webhookDeliveries)
        .where(
          and(
            eq(webhookDeliveries.webhookId, webhookId),
            lte(webhookDeliveries.nextAttemptAt, now),
            notLeased(now),
            only === null ? undefined : eq(webhookDeliveries.id, only),
          ),
        )
        .orderBy(asc(webhookDeliveries.nextAttemptAt))
        .limit(limit)
      const rows = await db
        .update(webhookDeliveries)
        .set({ leaseExpiresAt })
        .where(inArray(webhookDeliveries.id, due))
        .returning(columns)
      return rows.map((row) => ({ ...row, leaseExpiresAt }))
    },

    /**
     * Records attempts, and releases leased messages that were not sent. May be repeated. A message that
     * was given up in the meantime stays so, unless it was delivered.
     */
    async record(
      attempts: readonly DeliveryAttempt[],
      unsent: readonly LeasedDelivery[],
    ): Promise<void> {
      const made = attempts.map(({ at, leaseExpiresAt, nextAttemptAt, ...attempt }) => ({
        ...attempt,
        at: at?.getTime() ?? null,
        lease: leaseExpiresAt.getTime(),
        next: nextAttemptAt?.getTime() ?? null,
      }))
      await db.batch([
        db
          .update(webhookDeliveries)
          .set({
            state: sql`made.state`,
            nextAttemptAt: sql`made.next`,
            leaseExpiresAt: null,
            lastError: sql`made.error`,
            attempts: sql`${webhookDeliveries.attempts} + (made.at IS NOT NULL)`,
            lastAttemptAt: sql`coalesce(made.at, ${webhookDeliveries.lastAttemptAt})`,
            lastStatus: sql`iif(made.at IS NULL, ${webhookDeliveries.lastStatus}, made.status)`,
          })
          .from(
            sql`(SELECT value ->> 'id' AS id, value ->> 'at' AS at, value ->> 'lease' AS lease,
              value ->> 'status' AS status, value ->> 'error' AS error, value ->> 'state' AS state,
              value ->> 'next' AS next FROM json_each(${JSON.stringify(made)})) AS made`,
          )
          .where(
            sql`${webhookDeliveries.id} = made.id AND ${webhookDeliveries.leaseExpiresAt} = made.lease
              AND (made.state <> 'pending' OR ${webhookDeliveries.state} = 'pending')`,
          ),
        db
          .update(webhookDeliveries)
          .set({ leaseExpiresAt: null })
          .where(sql`${webhookDeliveries.id} IN ${listed(unsent.map(({ id }) => id))}`),
      ])
    },

    /** Gives up messages to an endpoint that have been due since before a time, the oldest first. */
    async giveUp(webhookId: string, dueBefore: Date, limit: number, reason: string): Promise<void> {
      await db
        .update(webhookDeliveries)
        .set({ state: 'failed', nextAttemptAt: null, lastError: reason })
        .where(
          sql`${webhookDeliveries.id} IN (SELECT ${webhookDeliveries.id} FROM ${webhookDeliveries}
            WHERE ${webhookDeliveries.webhookId} = ${webhookId}
              AND ${webhookDeliveries.nextAttemptAt} < ${dueBefore}
            ORDER BY ${webhookDeliveries.nextAttemptAt} LIMIT ${limit})`,
        )
    },

    /** Queues a message again, whatever its state, with a new back-off. Returns null if it does not exist. */
    async requeue(
      webhookId: string,
      id: string,
      now: Date,
      event: EventRecord,
    ): Promise<DeliveryRecord | null> {
      const [[row]] = await db.batch([
        db
          .update(webhookDeliveries)
          .set({ state: 'pending', attempts: 0, nextAttemptAt: now, leaseExpiresAt: null })
          .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.webhookId, webhookId)))
          .returning(columns),
        insertEventIfChanged(db, event),
      ])
      return row ?? null
    },

    async list(
      webhookId: string,
      { status, limit, cursor }: WebhookDeliveryQuery,
      scope: AccessScope,
    ): Promise<Page<DeliveryRecord>> {
      const rows = await db
        .select(columns)
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
      return pageOf(rows, limit, byCreation, scope)
    },
  }
}

const chunksOf = (messages: readonly NewMessage[]): NewMessage[][] =>
  Array.from({ length: Math.ceil(messages.length / CHUNK) }, (_, index) =>
    messages.slice(index * CHUNK, (index + 1) * CHUNK),
  )
