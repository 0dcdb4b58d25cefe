/** Responses to POSTs with an Idempotency-Key, stored for a day. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import { idempotencyRecords } from '../../schema/d1/operating-tables.ts'
import type { IdempotencyRecord, StoredResponse } from '../model/idempotency.ts'
import type { Database } from './database.ts'
import type { Sealer } from './seal.ts'

const context = (row: string) => ({ table: 'idempotency_records', row, column: 'answer' })

export function createIdempotencyStore(db: Database, sealer: Sealer) {
  const its = (id: string) => eq(idempotencyRecords.id, id)

  return {
    /**
     * Claims the key for this request and returns null, or returns the record of the request that has
     * it. Takes over a record that has expired, or has had no response since `abandoned`.
     */
    async begin(
      id: string,
      bodyHash: string,
      { now, expiresAt, abandoned }: { now: Date; expiresAt: Date; abandoned: Date },
    ): Promise<IdempotencyRecord | null> {
      const fresh = { bodyHash, createdAt: now.getTime(), expiresAt: expiresAt.getTime() }
      const [claimed, found] = await db.batch([
        db
          .insert(idempotencyRecords)
          .values({ id, ...fresh })
          .onConflictDoUpdate({
            target: idempotencyRecords.id,
            set: { ...fresh, status: null, answerSealed: null },
            setWhere: sql`${idempotencyRecords.expiresAt} <= ${now.getTime()}
              OR (${idempotencyRecords.status} IS NULL
                  AND ${idempotencyRecords.createdAt} <= ${abandoned.getTime()})`,
          })
          .returning({ id: idempotencyRecords.id }),
        db.select().from(idempotencyRecords).where(its(id)),
      ])
      const [row] = found
      if (claimed.length === 1 || !row) return null
      const json = row.answerSealed && (await sealer.open(row.answerSealed, context(id)))
      return {
        bodyHash: row.bodyHash,
        response: json ? (JSON.parse(json) as StoredResponse) : null,
      }
    },

    /** Stores the response, which is repeated until `expiresAt` if that is before the usual time. */
    async finish(id: string, response: StoredResponse, expiresAt: Date | null): Promise<void> {
      const answerSealed = await sealer.seal(JSON.stringify(response), context(id))
      const until = sql`min(${idempotencyRecords.expiresAt}, ${expiresAt?.getTime() ?? null})`
      await db
        .update(idempotencyRecords)
        .set({
          status: response.status,
          answerSealed,
          ...(expiresAt && { expiresAt: until }),
        })
        .where(its(id))
    },

    /** Releases the key of a request that changed nothing, so that it can be sent again. */
    async forget(id: string): Promise<void> {
      await db.delete(idempotencyRecords).where(and(its(id), isNull(idempotencyRecords.status)))
    },
  }
}
