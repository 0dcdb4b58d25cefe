/**
 * D1's interface over node:sqlite. Every call runs synchronously, so that two calls never interleave within one
 * process, and a cached statement is never entered twice. After some milliseconds of calls, the next one waits for the
 * next turn of the event loop, so that a request or a run of the maintenance with many statements delays others by one
 * statement only.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers'
import { describeSqliteError } from './sqlite-errors.ts'

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

/** Statements that stay prepared, since preparing takes ten times as long as running. The product has 460, which take 2.4 MB. */
const CACHED_STATEMENTS = 500

/** Time in one turn of the event loop after which further calls wait for the next one. */
const TURN_MS = 10

export type DatabaseWatch = {
  /** Receives what node:sqlite throws. */
  noteError: (error: unknown) => void
  /** Called before each write. Throws if it would be lost. */
  requireWritable: () => void
}

const unwatched: DatabaseWatch = { noteError() {}, requireWritable() {} }

/** Wraps a database whose foreign keys are enabled, which is node:sqlite's default and D1's. */
export const createD1 = (database: DatabaseSync, watch = unwatched): D1Database =>
  new NodeD1(new Connection(database, watch))

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

type Prepared = {
  statement: StatementSync
  /** Number of parameters. */
  parameters: number
  /** True for a statement that cannot write. */
  reads: boolean
  columns: string[]
}

/** The database with the statements that it has prepared. */
class Connection {
  readonly #database: DatabaseSync
  readonly #watch: DatabaseWatch
  readonly #prepared = new Map<string, Prepared>()
  readonly #begin: StatementSync
  readonly #beginImmediate: StatementSync
  readonly #commit: StatementSync
  readonly #totals: StatementSync
  #lastRowId = 0
  readonly turn = new Turn()

  constructor(database: DatabaseSync, watch: DatabaseWatch) {
    this.#database = database
    this.#watch = watch
    Object.assign(database.limits, LIMITS)
    this.#begin = database.prepare('BEGIN')
    // Takes the write lock at once, since a read lock cannot always be upgraded later.
    this.#beginImmediate = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    // Unlike `changes()` the total includes what foreign keys and triggers change.
    this.#totals = database.prepare('SELECT total_changes(), last_insert_rowid()')
    this.#totals.setReturnArrays(true)
  }

  /** Returns the rows as arrays, since the columns of a join may share a name. */
  rows({ sql, values }: NodeStatement): unknown[][] {
    return run(this.#prepareToRun(sql, values), values)
  }

  columns({ sql, values }: NodeStatement): string[] {
    return this.#prepare(sql, values).columns
  }

  result<T>({ sql, values }: NodeStatement): D1Result<T> {
    const started = performance.now()
    const prepared = this.#prepareToRun(sql, values)
    const before = prepared.reads ? 0 : this.#totalChanges()
    const rows = run(prepared, values)
    const changes = prepared.reads ? 0 : this.#totalChanges() - before
    return {
      success: true,
      results: rows.map((row) => toObject(row, prepared.columns) as T),
      meta: {
        duration: performance.now() - started,
        changes,
        last_row_id: this.#lastRowId,
        changed_db: changes > 0,
        // SQLite does not count these figures.
        size_after: 0,
        rows_read: 0,
        rows_written: 0,
      },
    }
  }

  /** Runs the statements in one transaction, which takes no lock if all of them only read. */
  batch<T>(statements: readonly NodeStatement[]): D1Result<T>[] {
    if (statements.length === 0) throw new Error('No SQL statements detected.')
    // The transaction is still open if an earlier ROLLBACK has failed.
    this.#rollback()
    const reads = statements.every(({ sql, values }) => this.#prepare(sql, values).reads)
    if (!reads) this.#watch.requireWritable()
    const begin = reads ? this.#begin : this.#beginImmediate
    begin.run()
    try {
      const results = statements.map((statement) => this.result<T>(statement))
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

  /** D1's errors begin with a prefix and end with SQLite's name for the error. */
  withPrefix<T>(prefix: string, work: () => T): T {
    try {
      return work()
    } catch (cause) {
      this.#watch.noteError(cause)
      throw new Error(`${prefix}: ${describeSqliteError(cause)}`, { cause })
    }
  }

  /** Does nothing after COMMIT, or where SQLite itself has rolled back, as it does for a full disk. */
  #rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }

  #totalChanges(): number {
    const [total, lastRowId] = this.#totals.get() as unknown as [number, number]
    this.#lastRowId = lastRowId
    return total
  }

  #prepareToRun(sql: string, values: readonly SQLInputValue[]): Prepared {
    const prepared = this.#prepare(sql, values)
    // Within a transaction, this was checked when it began.
    if (!prepared.reads && !this.#database.isTransaction) this.#watch.requireWritable()
    return prepared
  }

  #prepare(sql: string, values: readonly SQLInputValue[]): Prepared {
    let prepared = this.#prepared.get(sql)
    // Set again below, so that the first entry is always the least recently used.
    if (prepared) this.#prepared.delete(sql)
    else prepared = prepare(this.#database, sql)
    if (this.#prepared.size >= CACHED_STATEMENTS) {
      const [oldest = ''] = this.#prepared.keys()
      this.#prepared.delete(oldest)
    }
    this.#prepared.set(sql, prepared)
    if (prepared.parameters !== values.length)
      throw new Error('Wrong number of parameter bindings for SQL query.')
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
    parameters: countParameters(statement),
    reads: /^\s*select\b/i.test(sql),
    columns: statement.columns().map(({ name }) => name),
  }
}

/** Counts by binding, since Node does not expose the number, and binds null where a value is missing. */
function countParameters(statement: StatementSync): number {
  for (let count = 0; ; count += 1) {
    try {
      // Binds the values and does not run the statement.
      statement.iterate(...Array<null>(count + 1).fill(null))
    } catch {
      return count
    }
  }
}

function run({ statement }: Prepared, values: readonly SQLInputValue[]): unknown[][] {
  const rows = statement.all(...values) as unknown as unknown[][]
  for (const row of rows) {
    for (let at = 0; at < row.length; at += 1) {
      const value = row[at]
      // D1 returns a blob as an array of bytes.
      if (value instanceof Uint8Array) row[at] = Array.from(value)
    }
  }
  return rows
}

/** Keeps the last of several columns with one name, as D1 does. */
function toObject(row: readonly unknown[], columns: readonly string[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let at = 0; at < columns.length; at += 1) object[columns[at] ?? ''] = row[at]
  return object
}

class NodeD1 implements D1Database {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  prepare(sql: string): D1PreparedStatement {
    return new NodeStatement(this.#connection, sql, [])
  }

  /** Runs the statements in one transaction. */
  async batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    if (this.#connection.turn.isOver()) await this.#connection.turn.next()
    return this.#connection.withPrefix('D1_ERROR', () => {
      if (!statements.every((statement) => statement instanceof NodeStatement))
        throw new TypeError('Not a statement of this D1')
      return this.#connection.batch<T>(statements)
    })
  }

  async exec(sql: string): Promise<D1ExecResult> {
    const started = performance.now()
    this.#connection.withPrefix('D1_EXEC_ERROR', () => this.#connection.exec(sql))
    return { count: sql.trim().split('\n').length, duration: performance.now() - started }
  }

  /** There is only one copy of the data, so every session is consistent. */
  withSession(): D1DatabaseSession {
    return {
      prepare: (sql) => this.prepare(sql),
      batch: (statements) => this.batch(statements),
      getBookmark: () => null,
    }
  }

  async dump(): Promise<ArrayBuffer> {
    throw new Error('D1_DUMP_ERROR: not supported')
  }
}

class NodeStatement implements D1PreparedStatement {
  readonly #connection: Connection
  readonly sql: string
  readonly values: readonly SQLInputValue[]

  constructor(connection: Connection, sql: string, values: readonly SQLInputValue[]) {
    this.#connection = connection
    this.sql = sql
    this.values = values
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new NodeStatement(this.#connection, this.sql, values.map(toSqlite))
  }

  async first<T>(column?: string): Promise<T | null> {
    const [row] = (await this.#result<Record<string, unknown>>()).results
    if (row === undefined) return null
    if (column === undefined) return row as T
    if (!(column in row)) throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`)
    return row[column] as T
  }

  async run<T>(): Promise<D1Result<T>> {
    return this.#result<T>()
  }

  async all<T>(): Promise<D1Result<T>> {
    return this.#result<T>()
  }

  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>
  async raw(options?: { columnNames?: boolean }): Promise<unknown[]> {
    if (this.#connection.turn.isOver()) await this.#connection.turn.next()
    return this.#connection.withPrefix('D1_ERROR', () => {
      const rows = this.#connection.rows(this)
      return options?.columnNames ? [this.#connection.columns(this), ...rows] : rows
    })
  }

  async #result<T>(): Promise<D1Result<T>> {
    if (this.#connection.turn.isOver()) await this.#connection.turn.next()
    return this.#connection.withPrefix('D1_ERROR', () => this.#connection.result<T>(this))
  }
}

function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value)
  throw new Error(
    `D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${String(value)}'`,
  )
}

const isByte = (value: unknown) => typeof value === 'number' && value >= 0 && value < 256
