/**
 * D1's interface over node:sqlite. Every call runs synchronously before it returns its promise, so
 * that two calls never interleave within one process.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'

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

type RowsAndColumns = D1Response & { columns: string[]; rows: unknown[][] }

/** Wraps a database whose foreign keys are enabled, which is node:sqlite's default and D1's. */
export const createD1 = (database: DatabaseSync): D1Database => new NodeD1(database)

class NodeD1 implements D1Database {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    Object.assign(database.limits, LIMITS)
  }

  prepare(sql: string): D1PreparedStatement {
    return new NodeStatement(this.#database, sql, [])
  }

  /** Runs the statements in one transaction. */
  async batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    const database = this.#database
    return withPrefix('D1_ERROR', () => {
      if (statements.length === 0) throw new Error('No SQL statements detected.')
      // IMMEDIATE takes the write lock at once: a read lock cannot always be upgraded later.
      database.exec('BEGIN IMMEDIATE')
      try {
        const results = statements.map((statement) => {
          if (!(statement instanceof NodeStatement))
            throw new TypeError('Not a statement of this D1')
          return toResult<T>(statement.execute())
        })
        database.exec('COMMIT')
        return results
      } finally {
        // Still open after a failure, unless SQLite itself has rolled back, as for a full disk.
        if (database.isTransaction) database.exec('ROLLBACK')
      }
    })
  }

  async exec(sql: string): Promise<D1ExecResult> {
    const started = performance.now()
    withPrefix('D1_EXEC_ERROR', () => this.#database.exec(sql))
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
  readonly #database: DatabaseSync
  readonly #sql: string
  readonly #values: readonly SQLInputValue[]

  constructor(database: DatabaseSync, sql: string, values: readonly SQLInputValue[]) {
    this.#database = database
    this.#sql = sql
    this.#values = values
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new NodeStatement(this.#database, this.#sql, values.map(toSqlite))
  }

  async first<T>(column?: string): Promise<T | null> {
    const [row] = toResult<Record<string, unknown>>(this.#run()).results
    if (row === undefined) return null
    if (column === undefined) return row as T
    if (!(column in row)) throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`)
    return row[column] as T
  }

  async run<T>(): Promise<D1Result<T>> {
    return toResult<T>(this.#run())
  }

  async all<T>(): Promise<D1Result<T>> {
    return toResult<T>(this.#run())
  }

  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>
  async raw(options?: { columnNames?: boolean }): Promise<unknown[]> {
    const { columns, rows } = this.#run()
    return options?.columnNames ? [columns, ...rows] : rows
  }

  /** Throws SQLite's own errors. */
  execute(): RowsAndColumns {
    const started = performance.now()
    const before = this.#changes()
    const statement = this.#database.prepare(this.#sql)
    // As arrays, since the columns of a join may share a name.
    statement.setReturnArrays(true)
    const rows = statement.all(...this.#values) as unknown as SQLOutputValue[][]
    const after = this.#changes()
    const changes = after.total - before.total
    return {
      success: true,
      columns: statement.columns().map(({ name }) => name),
      rows: rows.map((row) => row.map(fromSqlite)),
      meta: {
        duration: performance.now() - started,
        changes,
        last_row_id: after.lastRowId,
        changed_db: changes > 0,
        // SQLite does not count these.
        size_after: 0,
        rows_read: 0,
        rows_written: 0,
      },
    }
  }

  #run(): RowsAndColumns {
    return withPrefix('D1_ERROR', () => this.execute())
  }

  /** Unlike `changes()` the total includes what foreign keys and triggers change. */
  #changes(): { total: number; lastRowId: number } {
    const sql = 'SELECT total_changes() AS total, last_insert_rowid() AS lastRowId'
    return this.#database.prepare(sql).get() as { total: number; lastRowId: number }
  }
}

/** D1's errors begin with a prefix. */
function withPrefix<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new Error(`${prefix}: ${cause instanceof Error ? cause.message : cause}`, { cause })
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

/** D1 returns a blob as an array of bytes. */
const fromSqlite = (value: SQLOutputValue): unknown =>
  value instanceof Uint8Array ? Array.from(value) : value

/** Keeps the last of several columns with one name, as D1 does. */
const toResult = <T>({ columns, rows, ...response }: RowsAndColumns): D1Result<T> => ({
  ...response,
  results: rows.map(
    (row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])) as T,
  ),
})
