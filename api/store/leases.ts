/**
 * Leases on rows that hold a token. Only the holder of a row's lease may ask Entra for a new token, and its write is
 * fenced by version and owner, so after another caller has acquired the lease, it changes nothing.
 */
import { and, Column, eq, getTableColumns, getTableName, is, type Query, sql } from 'drizzle-orm'
import type { SQLiteTable, SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core'
import type { appTokens } from '../../schema/d1/app-tokens.ts'
import type { grants } from '../../schema/d1/tables.ts'
import { MINUTE_MS } from '../../schema/durations.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { TokenProblemCode } from '../../schema/problem.ts'
import type { EventRecord } from '../model/event.ts'
import type { TokenFailure, TokenProblem, TokenRequest, TokenState } from '../model/grant.ts'
import { LEASE_MS, type Lease, type RowState } from '../model/grant.ts'
import type { AloneSince } from '../model/storage.ts'
import { type Database, once, runTexts, time } from './database.ts'
import { insertEventIfChanged } from './events.ts'

/** A lease that seems to last longer is from before the clock was put back. */
const MAX_LEASE_MS = MINUTE_MS

type LeasedTable = typeof grants | typeof appTokens

export function createLeases<Table extends LeasedTable>(
  db: Database,
  table: Table,
  aloneSince: AloneSince,
) {
  /** Returns the values of `isFree` at `now`. A lease that ends before `freeBefore` is over, or its holder is dead. */
  const times = (now: Date) => ({
    now: now.getTime(),
    freeBefore: Math.max(now.getTime(), aloneSince(now) + LEASE_MS),
  })

  const fence = ({ record: { id, version }, owner }: Lease) =>
    and(eq(table.id, id), eq(table.version, version), eq(table.leaseOwner, owner))

  const set = (values: object) => db.update(table).set(values as SQLiteUpdateSetSource<Table>)

  /**
   * Writes and releases the lease. A value may be another column. `rest`: statements that follow, each with a
   * condition of its own. Returns false when the fence rejected the write.
   */
  async function write(
    { record: { id, version }, owner }: Lease,
    values: SQLiteUpdateSetSource<Table>,
    events: readonly (EventRecord | null)[],
    rest: readonly Query[] = [],
  ): Promise<boolean> {
    const { assigned, params } = assign(table, {
      ...values,
      version: version + 1,
      writtenBy: owner,
      leaseOwner: null,
      leaseExpiresAt: null,
    })
    const [updated] = await runTexts(db, [
      {
        sql: `update "${getTableName(table)}" set ${assigned} where "id" = ? and "version" = ? and "lease_owner" = ? returning "id"`,
        params: [...params, id, version, owner],
      },
      ...events.flatMap((event) => (event ? [insertEventIfChanged(db, event).toSQL()] : [])),
      ...rest,
    ])
    return updated?.length === 1
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
      const end = row.leaseExpiresAt ?? 0
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
      return write(lease, values as SQLiteUpdateSetSource<Table>, [event])
    },

    /** Extends the lease. Returns false when it has ended: released, or acquired by another caller. */
    async renew(lease: Lease, until: Date): Promise<boolean> {
      const renewed = await set({ leaseExpiresAt: until.getTime() })
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

type Values = Readonly<Record<string, unknown>>

/** Returns the columns of the table that these values are for, each under its key there. */
export const columnsFor = (table: SQLiteTable, values: Values) =>
  Object.entries(getTableColumns(table)).flatMap(([key, column]) => {
    const value = values[key]
    if (!(key in values)) return []
    return [{ column, value: value === null ? null : column.mapToDriverValue(value) }]
  })

/**
 * Returns assignments of these values and their parameters. A value may be another column. Drizzle needs longer to build an
 * update than SQLite to run it.
 */
export function assign(table: SQLiteTable, values: Values) {
  const entries = Object.entries(values)
  const others = entries.flatMap(([key, value]) => (is(value, Column) ? [[key, value.name]] : []))
  const plain = columnsFor(
    table,
    Object.fromEntries(entries.filter(([, value]) => !is(value, Column))),
  )
  const nameOf = (key = '') => getTableColumns(table)[key]?.name
  return {
    assigned: [
      ...plain.map(({ column }) => `"${column.name}" = ?`),
      ...others.map(([key, other]) => `"${nameOf(key)}" = "${other}"`),
    ].join(),
    params: plain.map(({ value }) => value),
  }
}

/** Returns the columns whose write counts a token request; none without one. */
export const requestColumns = (request: TokenRequest | null) =>
  request && { lastRequestAt: request.at.getTime(), lastRequestOutcome: request.outcome }

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
  retryAt: retryAt?.getTime() ?? null,
  failedAt: now.getTime(),
  problemCode: code,
  problemDetail: detail,
  problemFacts: facts,
  problemSince: (before.problem?.code === code ? before.problem.since : now).getTime(),
})

export function problemOf(row: {
  problemCode: TokenProblemCode | null
  problemDetail: string | null
  problemFacts: FailureFacts | null
  problemSince: number | null
}): TokenProblem | null {
  const since = time(row.problemSince)
  if (row.problemCode === null || !since) return null
  return { code: row.problemCode, detail: row.problemDetail ?? '', since, facts: row.problemFacts }
}
