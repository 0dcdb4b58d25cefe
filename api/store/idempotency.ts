/** Responses to POSTs with an Idempotency-Key, stored for a day. */
import { Buffer } from 'node:buffer'
import { gunzipSync, gzipSync } from 'node:zlib'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { idempotencyRecords } from '../../schema/d1/operating-tables.ts'
import type { IdempotencyRecord, StoredResponse } from '../model/access.ts'
import type { Database } from './database.ts'
import type { Sealer } from './seal.ts'

const context = (row: string) => ({ table: 'idempotency_records', row, column: 'response' })

export function createIdempotencyStore(db: Database, sealer: Sealer) {
  const its = (id: string) => eq(idempotencyRecords.id, id)

  return {
    /**
     * Claims the key for this request, or returns the record of the request that has it as `first`. Takes over a record
     * that has expired, or that has had no response since `abandoned` and keeps its expiry. `isNew` is true if there
     * was no valid record, so that no earlier attempt of this request has left anything.
     */
    async begin(
      id: string,
      bodyHash: string,
      {
        customer,
        now,
        expiresAt,
        abandoned,
      }: { customer: string | null; now: Date; expiresAt: Date; abandoned: Date },
    ): Promise<{ first: IdempotencyRecord | null; isNew: boolean; expiresAt: Date }> {
      const fresh = { bodyHash, customer, createdAt: now }
      const [earlier, claimed, found] = await db.batch([
        db
          .select({ id: idempotencyRecords.id })
          .from(idempotencyRecords)
          .where(and(its(id), gt(idempotencyRecords.expiresAt, now))),
        db
          .insert(idempotencyRecords)
          .values({ id, ...fresh, expiresAt })
          .onConflictDoUpdate({
            target: idempotencyRecords.id,
            set: {
              ...fresh,
              expiresAt: sql`iif(${idempotencyRecords.expiresAt} <= ${now}, ${expiresAt},
                ${idempotencyRecords.expiresAt})`,
              status: null,
              responseSealed: null,
            },
            setWhere: sql`${idempotencyRecords.expiresAt} <= ${now}
              OR (${idempotencyRecords.status} IS NULL
                  AND ${idempotencyRecords.createdAt} <= ${abandoned})`,
          })
          .returning({ expiresAt: idempotencyRecords.expiresAt }),
        db.select().from(idempotencyRecords).where(its(id)),
      ])
      const [row] = found
      const [own] = claimed
      const isNew = earlier.length === 0
      if (own || !row) return { first: null, isNew, expiresAt: own?.expiresAt ?? expiresAt }
      const json =
        row.responseSealed && decompress(await sealer.open(row.responseSealed, context(id)))
      return {
        first: {
          bodyHash: row.bodyHash,
          response: json ? (JSON.parse(json) as StoredResponse) : null,
        },
        isNew,
        expiresAt: row.expiresAt,
      }
    },

    /** Stores the response, which is repeated until `expiresAt` if that is before the usual time. */
    async finish(id: string, response: StoredResponse, expiresAt: Date | null): Promise<void> {
      const responseSealed = await sealer.seal(compress(JSON.stringify(response)), context(id))
      const until = sql`min(${idempotencyRecords.expiresAt}, ${expiresAt})`
      await db
        .update(idempotencyRecords)
        .set({
          status: response.status,
          responseSealed,
          ...(expiresAt && { expiresAt: until }),
        })
        .where(its(id))
    },

    /** Releases the key of a request that may have changed something. Its repetition continues the same work. */
    async release(id: string): Promise<void> {
      await db
        .update(idempotencyRecords)
        .set({ createdAt: new Date(0) })
        .where(and(its(id), isNull(idempotencyRecords.status)))
    },

    /** Releases the key of a request that changed nothing, so that it can be sent again. */
    async forget(id: string): Promise<void> {
      await db.delete(idempotencyRecords).where(and(its(id), isNull(idempotencyRecords.status)))
    },
  }
}

/** Length from which a string is compressed. */
const MIN_LENGTH = 64 * 1024

const PREFIX = 'gzip:'

const compress = (text: string): string =>
  text.length < MIN_LENGTH ? text : PREFIX + gzipSync(text).toString('base64')

/** Returns the string that compress() was given. It must not begin with `gzip:`. */
const decompress = (stored: string): string =>
  stored.startsWith(PREFIX)
    ? gunzipSync(Buffer.from(stored.slice(PREFIX.length), 'base64')).toString()
    : stored
