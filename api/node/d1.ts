/**
 * D1's interface over node:sqlite. Every call runs synchronously, so that two calls never interleave within one
 * process, and a cached statement is never entered twice. After some milliseconds of calls, the next one waits for the
 * next turn of the event loop, so that a request or a run of the maintenance with many statements delays others by one
 * statement only.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers'
import { describeSqliteError } from './failures.ts'

/**
 * D1's limits (https://developers.cloudflare.com/d1/platform/limits/), so that a query that works on
 * Node also works on D1.
 */
const LIMITS = {
  column: 100,
  functionArg: 32,
  length: 2_000_000,
  likePatternLength: 50,
  sqlLength: 100_000,
  variableNumber: 100,
}

/** Most statements that stay prepared, since preparing takes ten times as long as running. The product has 460, which take 2.4 MB. */
const CACHED_STATEMENTS = 1_000

/** Time in one turn of the event loop after which further calls wait for the next one. */
const TURN_MS = 10

export type DatabaseWatch = {
  /** Receives what node:sqlite throws. */
  noteError: (error: unknown) => void
  /** Called before each write. Throws if it would be lost. */
  requireWritable: () => void
}

const unwatched: DatabaseWatch = { noteError() {}, requireWritable() {} }

/** Wraps a database whose foreign keys are enabled, which is node:sqlite's default and D1's. Has what the product uses. */
export function createD1(database: DatabaseSync, watch = unwatched): D1Database {
  const connection = new Connection(database, watch)
  const d1 = {
    prepare: (sql: string) => new Statement(connection, sql, []),
    batch: (statements: readonly Statement[]) =>
      connection.inTurn(() => connection.batch(statements)),
    exec: (sql: string) => connection.inTurn(() => connection.exec(sql)),
  }
  return d1 as unknown as D1Database
}

/** Watches how long this turn of the event loop has lasted since the first call in it. */
class Turn {
  #startedAt: number | null = null
  readonly #waiting: (() => void)[] = []

  isOver(): boolean {
    if (this.#waiting.length > 0) return true
    const now = performance.now()
    if (this.#startedAt !== null) return now - this.#startedAt >= TURN_MS
    this.#startedAt = now
    setImmediate(() => {
      this.#startedAt = null
    })
    return false
  }

  /**
   * Resolves in a later turn of the event loop, in which this call may run. Each turn runs one waiting call, in the
   * order of arrival, so a long chain of calls lets others run in between. The first one waits for two turns, since
   * the next turn begins before the event loop has read requests that arrived meanwhile.
   */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) > 1) return
      setImmediate(() => setImmediate(() => this.#serve()))
    })
  }

  #serve(): void {
    this.#waiting[0]?.()
    setImmediate(() => {
      this.#waiting.shift()
      if (this.#waiting.length > 0) this.#serve()
    })
  }
}

type Row = Record<string, unknown>

/** The members of a D1Result that the product reads. */
type Result = { success: true; results: Row[]; meta: { changes: number; size_after: number } }

type Prepared = {
  statement: StatementSync
  /** True for a statement that cannot write. */
  reads: boolean
  columns: string[]
}

/** The database with the statements that it has prepared. */
class Connection {
  readonly #database: DatabaseSync
  readonly #watch: DatabaseWatch
  readonly #turn = new Turn()
  readonly #prepared = new Map<string, Prepared>()
  readonly #begin: StatementSync
  readonly #beginImmediate: StatementSync
  readonly #commit: StatementSync
  readonly #totals: StatementSync

  constructor(database: DatabaseSync, watch: DatabaseWatch) {
    this.#database = database
    this.#watch = watch
    Object.assign(database.limits, LIMITS)
    this.#begin = database.prepare('BEGIN')
    // Takes the write lock at once, since a read lock cannot always be upgraded later.
    this.#beginImmediate = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    // Unlike `changes()` the total includes what foreign keys and triggers change.
    this.#totals = database.prepare('SELECT total_changes() AS changes')
  }

  /** Does the work once its turn has come. Errors begin with D1's prefix. */
  async inTurn<Value>(work: () => Value): Promise<Value> {
    if (this.#turn.isOver()) await this.#turn.next()
    try {
      return work()
    } catch (cause) {
      this.#watch.noteError(cause)
      throw new Error(`D1_ERROR: ${describeSqliteError(cause)}`, { cause })
    }
  }

  /** Returns the rows as arrays, since the columns of a join may share a name. */
  rows({ sql, values }: Statement): unknown[][] {
    return this.#run(this.#prepare(sql), values)
  }

  result({ sql, values }: Statement): Result {
    const prepared = this.#prepare(sql)
    const { reads, columns } = prepared
    const before = reads ? 0 : this.#totalChanges()
    const rows = this.#run(prepared, values)
    const changes = reads ? 0 : this.#totalChanges() - before
    const results = rows.map((row) => toObject(row, columns))
    // Only D1 limits the size.
    return { success: true, results, meta: { changes, size_after: 0 } }
  }

  /** Runs the statements in one transaction, which takes no lock if all of them only read. */
  batch(statements: readonly Statement[]): Result[] {
    if (statements.length === 0) throw new Error('No SQL statements detected.')
    // The transaction is still open if an earlier ROLLBACK has failed.
    this.#rollback()
    const reads = statements.every(({ sql }) => this.#prepare(sql).reads)
    if (!reads) this.#watch.requireWritable()
    const begin = reads ? this.#begin : this.#beginImmediate
    begin.run()
    try {
      const results = statements.map((statement) => this.result(statement))
      this.#commit.run()
      return results
    } finally {
      this.#rollback()
    }
  }

  exec(sql: string): void {
    // The script may change the columns of a table, so prepared statements are no longer valid.
    this.#prepared.clear()
    this.#database.exec(sql)
  }

  /** Does nothing after COMMIT, or where SQLite itself has rolled back, as it does for a full disk. */
  #rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }

  #totalChanges(): number {
    return Number(this.#totals.get()?.changes)
  }

  #run({ statement, reads }: Prepared, values: readonly SQLInputValue[]): unknown[][] {
    // Within a transaction, this was checked when it began.
    if (!reads && !this.#database.isTransaction) this.#watch.requireWritable()
    return statement.all(...values) as unknown as unknown[][]
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    if (known) return known
    const prepared = prepare(this.#database, sql)
    if (this.#prepared.size >= CACHED_STATEMENTS) this.#prepared.clear()
    this.#prepared.set(sql, prepared)
    return prepared
  }
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql)
  // Node would ignore the second of two statements.
  if (sql.slice(statement.sourceSQL.length).trim() !== '')
    throw new Error('One statement at a time.')
  statement.setReturnArrays(true)
  return {
    statement,
    reads: /^\s*select\b/i.test(sql),
    columns: statement.columns().map(({ name }) => name),
  }
}

/** Keeps the last of several columns with one name, as D1 does. */
function toObject(row: readonly unknown[], columns: readonly string[]): Row {
  const object: Row = {}
  for (let at = 0; at < columns.length; at += 1) object[columns[at] ?? ''] = row[at]
  return object
}

class Statement {
  readonly #connection: Connection
  readonly sql: string
  readonly values: readonly SQLInputValue[]

  constructor(connection: Connection, sql: string, values: readonly SQLInputValue[]) {
    this.#connection = connection
    this.sql = sql
    this.values = values
  }

  bind(...values: unknown[]): Statement {
    return new Statement(this.#connection, this.sql, values.map(toSqlite))
  }

  async first(column?: string): Promise<unknown> {
    const [row] = (await this.all()).results
    if (row === undefined) return null
    return column === undefined ? row : row[column]
  }

  all(): Promise<Result> {
    return this.#connection.inTurn(() => this.#connection.result(this))
  }

  run(): Promise<Result> {
    return this.all()
  }

  raw(): Promise<unknown[][]> {
    return this.#connection.inTurn(() => this.#connection.rows(this))
  }
}

/** Refuses what D1 refuses. The product stores no bytes. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new Error(
    `D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${String(value)}'`,
  )
}
