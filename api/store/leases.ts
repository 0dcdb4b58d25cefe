/**
 * Leases on rows that hold a token. Only the holder of a row's lease may ask Entra for a new token, and its write is
 * fenced by version and owner, so after another caller has acquired the lease, it changes nothing.
 */
import { and, eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core'
import type { appTokens, grants, grantTokens } from '../../schema/d1/tables.ts'
import { MINUTE_MS } from '../../schema/durations.ts'
import type { EventRecord } from '../model/event.ts'
import type { TokenFailure, TokenProblem, TokenRequest, TokenState } from '../model/grant.ts'
import { LEASE_MS, type Lease, type RowState } from '../model/grant.ts'
import type { AloneSince } from '../model/storage.ts'
import { type Database, once } from './database.ts'
import { insertEventIfChanged } from './events.ts'

/** Upper bound of a lease, with a margin. One that would last longer was made before the clock was put back. */
const MAX_LEASE_MS = MINUTE_MS

type LeasedTable = typeof grants | typeof appTokens

export function createLeases<Table extends LeasedTable>(
  db: Database,
  table: Table,
  aloneSince: AloneSince,
) {
  /** Returns the values of `isFree` at `now`. A lease that ends before `freeBefore` is over, or its holder is dead. */
  const times = (now: Date) => ({
    now,
    freeBefore: Math.max(now.getTime(), aloneSince(now) + LEASE_MS),
  })

  const fence = ({ record: { id, version }, owner }: Lease) =>
    and(eq(table.id, id), eq(table.version, version), eq(table.leaseOwner, owner))

  const set = (values: object) => db.update(table).set(values as SQLiteUpdateSetSource<Table>)

  /**
   * Writes and releases the lease. `rest`: statements that follow, each with a condition that the lease was written.
   * Returns false when the fence rejected the write.
   */
  async function write(
    lease: Lease,
    values: object,
    events: readonly (EventRecord | null)[],
    rest: readonly BatchItem<'sqlite'>[] = [],
  ): Promise<boolean> {
    const { record, owner } = lease
    const released = { leaseOwner: null, leaseExpiresAt: null }
    const written = { ...values, ...released, version: record.version + 1, writtenBy: owner }
    const [updated] = await db.batch([
      set(written).where(fence(lease)).returning({ id: table.id }),
      ...events.flatMap((event) => (event ? [insertEventIfChanged(db, event)] : [])),
      ...rest,
    ])
    return updated.length === 1
  }

  const states = once(() =>
    db
      .select({ version: table.version, leaseExpiresAt: table.leaseExpiresAt })
      .from(table as LeasedTable)
      .where(eq(table.id, sql.placeholder('id')))
      .prepare(),
  )

  return {
    /** Reads the version and whether the lease is free, for a caller that waits; null without a row. */
    async look(id: string, now: Date): Promise<RowState | null> {
      const [row] = await states().all({ id })
      if (!row) return null
      const end = row.leaseExpiresAt?.getTime() ?? 0
      const isFree = end < times(now).freeBefore || end > now.getTime() + MAX_LEASE_MS
      return { version: row.version, isFree }
    },

    /**
     * The condition for leasing a row: still at `version`, and no running lease. Its placeholders are `version` and
     * those of `times`.
     */
    isFree: sql`${table.version} = ${sql.placeholder('version')} AND (${table.leaseExpiresAt} IS NULL
      OR ${table.leaseExpiresAt} < ${sql.placeholder('freeBefore')}
      OR ${table.leaseExpiresAt} > ${sql.placeholder('now')} + ${MAX_LEASE_MS})`,

    times,
    write,

    /** Stores a failure in the leased row and releases the lease. Leaves the tokens alone. */
    fail: (
      lease: Lease<TokenState & { id: string }>,
      failure: TokenFailure,
      request: TokenRequest | null,
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> => {
      const values = { ...failureColumns(failure, lease.record, now), ...requestColumns(request) }
      return write(lease, values, [event])
    },

    /** Extends the lease. Returns false when it has ended: released, or acquired by another caller. */
    async renew(lease: Lease, until: Date): Promise<boolean> {
      const renewed = await set({ leaseExpiresAt: until })
        .where(fence(lease))
        .returning({ id: table.id })
      return renewed.length === 1
    },

    /** Releases the lease, counts `request` if there was one, and changes nothing else. */
    async release(lease: Lease, request: TokenRequest | null = null): Promise<void> {
      const values = { leaseOwner: null, leaseExpiresAt: null, ...requestColumns(request) }
      await set(values).where(fence(lease))
    },

    /** Returns true if the row holds this owner's write. For a write whose response D1 lost. */
    async isWrittenBy(id: string, owner: string): Promise<boolean> {
      const [row] = await db
        .select({ writtenBy: table.writtenBy })
        .from(table as LeasedTable)
        .where(eq(table.id, id))
      return row?.writtenBy === owner
    },
  }
}

/** Returns the columns whose write counts a token request; none without one. */
export const requestColumns = (request: TokenRequest | null) =>
  request && { lastRequestAt: request.at, lastRequestOutcome: request.outcome }

/** Columns that a success resets. */
export const healthy = {
  state: 'active',
  failures: 0,
  retryAt: null,
  problemCode: null,
  problemDetail: null,
  problemFacts: null,
  problemSince: null,
} as const

/** Returns the columns of one more failure. The same problem keeps the time when it began. */
export const failureColumns = (
  { state, code, detail, facts, retryAt }: TokenFailure,
  before: Pick<TokenState, 'failures' | 'problem'>,
  now: Date,
) => ({
  state,
  failures: before.failures + 1,
  retryAt,
  failedAt: now,
  problemCode: code,
  problemDetail: detail,
  problemFacts: facts,
  problemSince: before.problem?.code === code ? before.problem.since : now,
})

type ProblemRow = Pick<
  typeof grantTokens.$inferSelect,
  'problemCode' | 'problemDetail' | 'problemFacts' | 'problemSince'
>

/** Returns the row with its problem as one value. */
export function withProblem<Row extends ProblemRow>({
  problemCode: code,
  problemDetail,
  problemFacts: facts,
  problemSince: since,
  ...row
}: Row): Omit<Row, keyof ProblemRow> & { problem: TokenProblem | null } {
  const problem = code && since && { code, detail: problemDetail ?? '', since, facts }
  return { ...row, problem }
}
