/** The health of D1. */
import type { DatabaseHealth } from './model/database-health.ts'

/** D1 allows 10 GB, and then refuses every write. */
const LARGE_BYTES = 8e9

export const createD1Health = (d1: D1Database): DatabaseHealth => ({
  explain: () =>
    'The database does not respond, or lacks tables or columns. Apply the migrations. If none is left to apply, a development version from before the first release made it, so create a new database.',
  async findProblem() {
    const { meta } = await d1.prepare('SELECT 1').run()
    if (meta.size_after < LARGE_BYTES) return null
    return {
      status: 'degraded',
      detail: `The database holds ${(meta.size_after / 1e9).toFixed(1)} of the 10 GB that D1 allows. Lower EVENT_RETENTION_DAYS, or raise VALIDATE_EVERY_HOURS.`,
    }
  },
})
