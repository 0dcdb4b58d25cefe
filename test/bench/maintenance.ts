/**
 * (g) One run of the maintenance with 10,000 grants and accounts and everything due at once, against
 * the limits of a Cloudflare invocation: grants to refresh, some after a failure, ciphertexts to re-encrypt
 * with a new key, accounts to validate. Uses the sandbox, which accepts the same refresh token many times.
 */
import { randomBytes } from 'node:crypto'
import { type BenchSetup, startLab } from './bench-setup.ts'
import { type Metered, startMetered } from './metered.ts'
import { type Figure, informationRow, sizeRow } from './table.ts'
import type { Bundle, Database } from './workerd.ts'

const GRANTS = 10_000
/** Grants with a working token: more than one run processes. */
const WORKING = 250
/** D1 queries allowed per invocation on a paid plan: https://developers.cloudflare.com/d1/platform/limits/ */
const MAX_QUERIES = 1000
/** Subrequests allowed, calls to D1 included: https://developers.cloudflare.com/workers/platform/limits/ */
const MAX_SUBREQUESTS = 10_000

const DAY_MS = 86_400_000

export async function maintenance(worker: Bundle): Promise<Figure> {
  const setup = await startLab(worker, { sandbox: true })
  let world: Metered | undefined
  try {
    world = await startOverdue(setup)
    const started = performance.now()
    const { queries, round_trips, fetches } = await world.runMaintenance()
    const ms = performance.now() - started
    const { refreshed, validated } = await countResults(await world.db())
    if (refreshed === 0 || validated === 0) throw new Error('the maintenance found nothing to do')
    return {
      rows: [
        sizeRow('(g) D1 queries of one maintenance run, all overdue', [queries, null], {
          atMost: MAX_QUERIES,
        }),
        sizeRow('    its subrequests, including D1', [round_trips + fetches, null], {
          atMost: MAX_SUBREQUESTS,
        }),
        informationRow('    ms', { median: ms, min: ms, max: ms }),
      ],
      notes: [
        `(g) with ${GRANTS} grants, one run refreshed ${refreshed} and validated ${validated} accounts; the next run continues.`,
        '    Each statement of a batch counts as a query. On a paid plan Cloudflare allows 1,000 queries and 10,000 subrequests per invocation.',
      ],
    }
  } finally {
    await world?.stop()
    await setup.stop()
  }
}

async function startOverdue({ product }: BenchSetup): Promise<Metered> {
  const newest = `newest:${randomBytes(32).toString('base64')}`
  const world = await startMetered(product, {
    ENCRYPTION_KEYS: `${newest},${product.settings.ENCRYPTION_KEYS}`,
    VALIDATE_EVERY_HOURS: '24',
  })
  try {
    await world.addCopies({ count: GRANTS, working: WORKING })
    const db = await world.db()
    const longAgo = Date.now() - 30 * DAY_MS
    await db.prepare('UPDATE grants SET refreshed_at = ?1 + rowid').bind(longAgo).run()
    await db
      .prepare(
        `UPDATE grant_tokens SET issued_at = ?1 + rowid, access_token_expires_at = ?1,
           state = iif(rowid % 5 = 0, 'cooling_down', 'active'),
           retry_at = iif(rowid % 5 = 0, ?1 + rowid, NULL), failures = rowid % 5 = 0`,
      )
      .bind(longAgo)
      .run()
    return world
  } catch (error) {
    await world.stop()
    throw error
  }
}

async function countResults(db: Database): Promise<{ refreshed: number; validated: number }> {
  const count = async (sql: string) =>
    (
      await db
        .prepare(sql)
        .bind(Date.now() - DAY_MS)
        .first<{ n: number }>()
    )?.n ?? 0
  return {
    refreshed: await count('SELECT count(*) AS n FROM grants WHERE refreshed_at > ?'),
    validated: await count('SELECT count(*) AS n FROM validations WHERE checked_at > ?'),
  }
}
