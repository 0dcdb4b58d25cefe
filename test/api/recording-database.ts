/** A D1 that records every statement it runs, including each statement of a batch. */
import { env } from 'cloudflare:workers'
import { interceptD1, type SentStatement } from './intercept-d1.ts'
import { rows } from './sql.ts'

export function recordingDatabase() {
  const statements: SentStatement[] = []
  const db = interceptD1(env.DB, (call) => {
    statements.push(...call.statements)
    return call.run()
  })
  return { db, statements }
}

/** Returns SQLite's query plan, one line per step. */
export async function queryPlan({ sql, values }: SentStatement): Promise<string[]> {
  const results = await rows<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
  return results.map(({ detail }) => detail)
}
