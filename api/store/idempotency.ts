/** What POSTs with an Idempotency-Key were answered, for a day. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import { idempotencyRecords } from '../../schema/d1/operating-tables.ts'
import type { IdempotencyRecord, StoredResponse } from '../model/idempotency.ts'
import type { Database } from './database.ts'
import type { Sealer } from './seal.ts'

const place = (row: string) => ({ table: 'idempotency_records', row, column: 'answer' })

export function createIdempotencyStore(db: Database, sealer: Sealer) {
  const its = (id: string) => eq(idempotencyRecords.id, id)

  return {
    /**
     * Takes the key for this request: null. Otherwise what is known of the request that has it. A record
     * that has expired, or is still without an answer since `abandoned`, is taken over.
     */
    async begin(
      id: string,
      bodyHash: string,
      { now, expiresAt, abandoned }: { now: Date; expiresAt: Date; abandoned: Date },
    ): Promise<IdempotencyRecord | null> {
      const fresh = { bodyHash, createdAt: now.getTime(), expiresAt: expiresAt.getTime() }
      const [taken, found] = await db.batch([
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
      if (taken.length === 1 || !row) return null
      const json = row.answerSealed && (await sealer.open(row.answerSealed, place(id)))
      return {
        bodyHash: row.bodyHash,
        response: json ? (JSON.parse(json) as StoredResponse) : null,
      }
    },

    async finish(id: string, response: StoredResponse): Promise<void> {
      const answerSealed = await sealer.seal(JSON.stringify(response), place(id))
      await db
        .update(idempotencyRecords)
        .set({ status: response.status, answerSealed })
        .where(its(id))
    },

    /** The request changed nothing: the same one may be sent again and will be worked on. */
    async forget(id: string): Promise<void> {
      await db.delete(idempotencyRecords).where(and(its(id), isNull(idempotencyRecords.status)))
    },
  }
}
