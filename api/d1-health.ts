/** Reports that D1 is nearly full before it refuses every write. */
import type { DatabaseHealth } from './model/storage.ts'

/** Size at which D1 refuses every write. */
const LIMIT_BYTES = 10e9
const LARGE_BYTES = 8e9

const sizeOf = async (d1: D1Database) => (await d1.prepare('SELECT 1').run()).meta.size_after

export const createD1Health = (d1: D1Database): DatabaseHealth => ({
  explain: () =>
    'The database does not respond, or lacks tables or columns. Apply the migrations. If none is left to apply, a development version from before the first release made the tables. "npx wrangler rollback" goes back to that version, and no data is lost.',
  async findProblem() {
    const bytes = await sizeOf(d1)
    if (bytes < LARGE_BYTES) return null
    return {
      status: 'degraded',
      detail: `The database holds ${(bytes / 1e9).toFixed(1)} of the 10 GB that D1 allows. Lower EVENT_RETENTION_DAYS, or raise VALIDATE_EVERY_HOURS.`,
    }
  },
  async measure() {
    const bytes = await sizeOf(d1)
    return { bytes, freeBytes: LIMIT_BYTES - bytes }
  },
})
