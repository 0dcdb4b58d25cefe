/** Webhook endpoints and their sealed secrets. */
import { and, eq, exists, getTableColumns, isNotNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { ListQuery } from '../../schema/common.ts'
import { webhookDeliveries, webhooks } from '../../schema/d1/operating-tables.ts'
import type { AccessScope } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/storage.ts'
import type { EndpointHealth, SendTarget, WebhookRecord, WebhookValues } from '../model/webhook.ts'
import { webhookWithin } from './access-scope.ts'
import { type Database, insertSelect } from './database.ts'
import { insertEventIfChanged, writeWithEvent } from './events.ts'
import { after, byCreation, newestFirst, pageOf } from './pagination.ts'
import type { Sealer } from './seal.ts'

const SECRET = 'secret'
const PREVIOUS = 'previous_secret'

const {
  secretSealed,
  secretLabel: _label,
  previousSecretSealed,
  previousSecretLabel: _previousLabel,
  previousSecretExpiresAt,
  nextMessageAt: _nextMessageAt,
  failures,
  failingSince,
  backoffUntil,
  retryAfter,
  ...columns
} = getTableColumns(webhooks)

export const healthColumns = { failures, failingSince, backoffUntil, retryAfter }

const webhookColumns = { ...columns, health: healthColumns }

export function createWebhookStore(db: Database, sealer: Sealer) {
  const context = (row: string, column: string) => ({ table: 'webhooks', row, column })

  /** Gives up the pending messages of the webhook if it meets the condition. */
  const giveUp = (id: string, condition: SQL | undefined, reason: string) =>
    db
      .update(webhookDeliveries)
      .set({ state: 'failed', nextAttemptAt: null, lastError: reason })
      .where(
        and(
          eq(webhookDeliveries.webhookId, id),
          // Only these have a time for their next attempt, and the index of the queue finds them.
          isNotNull(webhookDeliveries.nextAttemptAt),
          exists(
            db
              .select({ id: webhooks.id })
              .from(webhooks)
              .where(and(eq(webhooks.id, id), condition)),
          ),
        ),
      )

  return {
    /**
     * Stores a webhook. `limit`: most webhooks of the customer, or null. Returns false, with nothing stored, if it is
     * reached.
     */
    async create(
      { id, customer, type }: Pick<WebhookRecord, 'id' | 'customer' | 'type'>,
      values: WebhookValues,
      secret: string,
      { now, limit }: { now: Date; limit: number | null },
      event: EventRecord,
    ): Promise<boolean> {
      const secretSealed = await sealer.seal(secret, context(id, SECRET))
      const row = { id, customer, type, ...values, secretSealed, createdAt: now, updatedAt: now }
      return writeWithEvent(
        db,
        insertSelect(
          db,
          webhooks,
          row,
          limit === null
            ? sql``
            : sql`WHERE (SELECT count(*) FROM ${webhooks} WHERE ${webhooks.customer} = ${customer}) < ${limit}`,
        ),
        event,
      )
    },

    async read(id: string, scope: AccessScope): Promise<WebhookRecord | null> {
      const [row] = await db
        .select(webhookColumns)
        .from(webhooks)
        .where(and(eq(webhooks.id, id), webhookWithin(scope)))
      return row ?? null
    },

    async list({ limit, cursor }: ListQuery, scope: AccessScope): Promise<Page<WebhookRecord>> {
      const rows = await db
        .select(webhookColumns)
        .from(webhooks)
        .where(and(webhookWithin(scope), after(cursor, webhooks.createdAt, webhooks.id)))
        .orderBy(...newestFirst(webhooks.createdAt, webhooks.id))
        .limit(limit + 1)
      return pageOf(rows, limit, byCreation, scope)
    },

    /**
     * Returns false on a version conflict. If the webhook is switched off, its pending messages are given
     * up for the `reason`. A new URL or account, or switching it on or off, ends a pause. `secret` replaces the
     * URL that is a credential; null keeps it.
     */
    async replace(
      id: string,
      version: number,
      values: WebhookValues,
      secret: string | null,
      reason: string,
      now: Date,
      event: EventRecord,
    ): Promise<boolean> {
      const off = and(eq(webhooks.version, version + 1), eq(webhooks.enabled, false))
      const { url, mailAccountId, enabled } = values
      const secretSealed = secret === null ? null : await sealer.seal(secret, context(id, SECRET))
      const [, changed] = await db.batch([
        db
          .update(webhooks)
          .set({ failures: 0, failingSince: null, backoffUntil: null, retryAfter: null })
          .where(
            and(
              eq(webhooks.id, id),
              eq(webhooks.version, version),
              or(
                ne(webhooks.url, url),
                ne(webhooks.enabled, enabled),
                sql`${webhooks.mailAccountId} IS NOT ${mailAccountId}`,
                sql`${secretSealed} IS NOT NULL`,
              ),
            ),
          ),
        db
          .update(webhooks)
          .set({
            ...values,
            ...(secretSealed !== null && { secretSealed }),
            version: version + 1,
            updatedAt: now,
          })
          .where(and(eq(webhooks.id, id), eq(webhooks.version, version))),
        insertEventIfChanged(db, event),
        giveUp(id, off, reason),
      ])
      return changed.meta.changes > 0
    },

    /**
     * Switches it off and gives up its pending messages, unless its URL was changed, since the endpoint at the new one
     * has not refused anything.
     */
    async disable(
      id: string,
      url: string,
      reason: string,
      now: Date,
      event: EventRecord,
    ): Promise<void> {
      await writeWithEvent(
        db,
        db
          .update(webhooks)
          .set({
            enabled: false,
            version: sql`${webhooks.version} + 1`,
            updatedAt: now,
          })
          .where(and(eq(webhooks.id, id), eq(webhooks.url, url), eq(webhooks.enabled, true))),
        event,
        giveUp(id, eq(webhooks.url, url), reason),
      )
    },

    /**
     * Stores how the endpoint at this URL responds. Does nothing if the URL was changed. A `Retry-After` that another
     * run has received applies as well.
     */
    async recordHealth(id: string, url: string, health: EndpointHealth): Promise<void> {
      await db
        .update(webhooks)
        .set({
          ...health,
          retryAfter: sql`nullif(max(coalesce(${retryAfter}, 0), coalesce(${health.retryAfter}, 0)), 0)`,
        })
        .where(and(eq(webhooks.id, id), eq(webhooks.url, url)))
    },

    /** Claims the webhook's next message. Returns false if another caller has claimed one whose `until` is not over. */
    async claimMessage(id: string, now: Date, until: Date): Promise<boolean> {
      const claimed = await db
        .update(webhooks)
        .set({ nextMessageAt: until })
        .where(and(eq(webhooks.id, id), sql`coalesce(${webhooks.nextMessageAt}, 0) <= ${now}`))
      return claimed.meta.changes > 0
    },

    /** Deletes it with its deliveries. Returns false when there is none, or on a version conflict. */
    async delete(id: string, version: number | null, event: EventRecord): Promise<boolean> {
      return writeWithEvent(
        db,
        db
          .delete(webhooks)
          .where(
            and(eq(webhooks.id, id), version === null ? undefined : eq(webhooks.version, version)),
          ),
        event,
        db
          .delete(webhookDeliveries)
          .where(
            and(
              eq(webhookDeliveries.webhookId, id),
              sql`NOT EXISTS (SELECT 1 FROM ${webhooks} WHERE ${webhooks.id} = ${id})`,
            ),
          ),
      )
    },

    /**
     * Replaces the secret; the old one still signs until `previousUntil`. Returns false when the webhook no longer
     * exists, or another call has just rotated it. Throws KeyMissing or SealBroken.
     */
    async rotate(
      id: string,
      secret: string,
      previousUntil: Date,
      event: EventRecord,
    ): Promise<boolean> {
      const [row] = await db
        .select({ sealed: webhooks.secretSealed })
        .from(webhooks)
        .where(eq(webhooks.id, id))
      if (!row) return false
      const before = await sealer.open(row.sealed, context(id, SECRET))
      return writeWithEvent(
        db,
        db
          .update(webhooks)
          .set({
            secretSealed: await sealer.seal(secret, context(id, SECRET)),
            previousSecretSealed: await sealer.seal(before, context(id, PREVIOUS)),
            previousSecretExpiresAt: previousUntil,
          })
          .where(and(eq(webhooks.id, id), eq(webhooks.secretSealed, row.sealed))),
        event,
      )
    },

    /**
     * Returns the webhook with the secrets that sign its messages, or null when it no longer exists. Throws KeyMissing
     * or SealBroken.
     */
    async secretsOf(id: string, now: Date): Promise<SendTarget | null> {
      const [row] = await db
        .select({
          ...webhookColumns,
          sealed: secretSealed,
          previousSealed: previousSecretSealed,
          previousUntil: previousSecretExpiresAt,
        })
        .from(webhooks)
        .where(eq(webhooks.id, id))
      if (!row) return null
      const { sealed, previousSealed, previousUntil: until, ...webhook } = row
      const secrets = [await sealer.open(sealed, context(id, SECRET))]
      if (previousSealed === null || !until || until <= now) {
        return { ...webhook, secrets, previousUntil: null }
      }
      secrets.push(await sealer.open(previousSealed, context(id, PREVIOUS)))
      return { ...webhook, secrets, previousUntil: until }
    },
  }
}
