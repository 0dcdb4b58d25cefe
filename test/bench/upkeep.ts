/**
 * (g) One run of the hourly upkeep with 10,000 grants and accounts and everything due at once, beside
 * what Cloudflare allows one invocation: grants to refresh, some of them after a failure, ciphertexts to
 * seal with a new key, accounts to log in to. On the sandbox, which takes a refresh token many times.
 */
import { randomBytes } from 'node:crypto'
import { type Lab, startLab } from './lab.ts'
import { type Metered, startMetered } from './metered.ts'
import { type Figure, informationRow, sizeRow } from './table.ts'
import type { Bundle, Database } from './workerd.ts'

const GRANTS = 10_000
/** More than a run takes, so that all that it asks for are real. */
const REAL = 250
/** Of one invocation, on a paid plan: https://developers.cloudflare.com/d1/platform/limits/ */
const QUERIES = 1000
/**
 * Calls of D1 among them. By now https://developers.cloudflare.com/workers/platform/limits/ says 10,000;
 * this is what it was, and what an account may still be limited to.
 */
const SUBREQUESTS = 1000

const DAY = 86_400_000

export async function upkeep(worker: Bundle): Promise<Figure> {
  const lab = await startLab(worker, { sandbox: true })
  let world: Metered | undefined
  try {
    world = await startOverdue(lab)
    const since = performance.now()
    const { queries, round_trips, fetches } = await world.upkeep()
    const ms = performance.now() - since
    const { refreshed, validated } = await doneIn(await world.db())
    if (refreshed === 0 || validated === 0) throw new Error('the upkeep found nothing to do')
    return {
      rows: [
        sizeRow('(g) D1 queries of one upkeep, all overdue', [queries, null], { atMost: QUERIES }),
        sizeRow('    its subrequests: D1 and all others', [round_trips + fetches, null], {
          atMost: SUBREQUESTS,
        }),
        informationRow('    ms', { median: ms, least: ms, most: ms }),
      ],
      notes: [
        `(g) of ${GRANTS} grants one run refreshed ${refreshed} and logged in to ${validated} accounts; the next run goes on.`,
        '    A statement of a batch counts as a query. Cloudflare allows an invocation of a paid plan 1,000 queries and 10,000 (once 1,000) subrequests.',
      ],
    }
  } finally {
    await world?.stop()
    await lab.stop()
  }
}

async function startOverdue({ product }: Lab): Promise<Metered> {
  const newest = `newest:${randomBytes(32).toString('base64')}`
  const world = await startMetered(product, {
    ENCRYPTION_KEYS: `${newest},${product.settings.ENCRYPTION_KEYS}`,
    VALIDATE_EVERY_HOURS: '24',
  })
  try {
    await world.addCopies({ count: GRANTS, openable: REAL })
    const db = await world.db()
    const longAgo = Date.now() - 30 * DAY
    await db
      .prepare(
        `UPDATE grants SET refreshed_at = ?1 + rowid, access_token_expires_at = ?1,
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

async function doneIn(db: Database): Promise<{ refreshed: number; validated: number }> {
  const count = async (sql: string) =>
    (
      await db
        .prepare(sql)
        .bind(Date.now() - DAY)
        .first<{ n: number }>()
    )?.n ?? 0
  return {
    refreshed: await count('SELECT count(*) AS n FROM grants WHERE refreshed_at > ?'),
    validated: await count('SELECT count(*) AS n FROM validations WHERE checked_at > ?'),
  }
}
