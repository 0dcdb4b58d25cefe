/** Test messages and requests to the second reader: what their limits count. */
import { and, desc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { countedCalls } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type { CallLimit, CountedCall } from '../model/validation.ts'
import { type Database, insertSelect } from './database.ts'
import { writeWithEvent } from './events.ts'

export function createCountedCallStore(db: Database) {
  const isCounted = (call: CountedCall, { of, since }: CallLimit): SQL | undefined =>
    and(eq(countedCalls[of], call[of]), gt(countedCalls.requestedAt, since))

  return {
    /** Counts a call, and writes its event, if any. Returns false if a limit is reached. */
    async claim(
      call: CountedCall,
      limits: readonly CallLimit[],
      event: EventRecord | null,
    ): Promise<boolean> {
      const free = limits.map(
        (limit) =>
          sql`(SELECT count(*) FROM ${countedCalls} WHERE ${isCounted(call, limit)}) < ${limit.most}`,
      )
      const areFree = sql`WHERE ${sql.join(free, sql` AND `)}`
      return writeWithEvent(db, insertSelect(db, countedCalls, call, areFree), event)
    },

    /** Returns the time of the call that fills the limit; null if it is not reached. */
    async oldestOf(call: CountedCall, limit: CallLimit): Promise<Date | null> {
      const [row] = await db
        .select({ requestedAt: countedCalls.requestedAt })
        .from(countedCalls)
        .where(isCounted(call, limit))
        .orderBy(desc(countedCalls.requestedAt))
        .limit(1)
        .offset(limit.most - 1)
      return row?.requestedAt ?? null
    },
  }
}
