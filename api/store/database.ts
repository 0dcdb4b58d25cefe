/** The typed handle on D1, and the recognition of its failures. */
import { fillPlaceholders, getTableColumns, is, SQL, sql } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import type { RunnableQuery } from 'drizzle-orm/runnable-query'
import type {
  PreparedQueryConfig,
  SQLiteColumn,
  SQLitePreparedQuery,
  SQLiteTable,
} from 'drizzle-orm/sqlite-core'
import { StorageError } from '../model/storage.ts'

export type Database = DrizzleD1Database & { $client: D1Database }

export const openDatabase = (d1: D1Database): Database =>
  drizzle(new Binding(d1) as unknown as D1Database)

/** The methods of the binding that Drizzle and the stores call. What the binding throws becomes a StorageError. */
class Binding {
  readonly #d1: D1Database

  constructor(d1: D1Database) {
    this.#d1 = d1
  }

  prepare(text: string) {
    try {
      return new Statement(this.#d1.prepare(text))
    } catch (cause) {
      throw new StorageError('The database failed', { cause })
    }
  }

  batch(statements: Statement[]) {
    return runStatements(() => this.#d1.batch(statements.map(({ prepared }) => prepared)))
  }
}

class Statement {
  readonly prepared: D1PreparedStatement

  constructor(prepared: D1PreparedStatement) {
    this.prepared = prepared
  }

  /** Throws the binding's own error, for a value that SQLite cannot store: a bug of ours. */
  bind(...values: unknown[]) {
    return new Statement(this.prepared.bind(...values))
  }

  all() {
    return runStatements(() => this.prepared.all())
  }

  raw() {
    return runStatements(() => this.prepared.raw())
  }

  run() {
    return runStatements(() => this.prepared.run())
  }
}

async function runStatements<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run()
  } catch (cause) {
    throw new StorageError('The database failed', { cause })
  }
}

/** Returns true if the database itself failed (unreachable, overloaded, on a full disk), false for a bug. */
export function isStorageError(error: unknown): boolean {
  // Drizzle wraps what a single statement throws, but not what a batch throws.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StorageError) return true
  }
  return false
}

/** Values or SQL expressions by column. Columns that are left out get their default. */
type Selected<Table extends SQLiteTable> = {
  [Column in keyof Table['$inferInsert']]: Table['$inferInsert'][Column] | SQL
}

/**
 * Builds `INSERT INTO table (columns) SELECT values`, followed by `rest`: FROM and WHERE. Callers name
 * the column of each value, so the order of the table's columns does not matter to them.
 */
export function insertSelect<Table extends SQLiteTable>(
  db: Database,
  table: Table,
  selected: Selected<Table>,
  rest: SQL,
) {
  const given = new Map<string, unknown>(Object.entries(selected))
  const values = Object.entries(getTableColumns(table))
    .filter(([, column]) => column.generated === undefined)
    .map(([name, column]) => {
      const value = given.get(name) ?? column.default ?? null
      return is(value, SQL) ? value : sql`${sql.param(value, column)}`
    })
  return db.insert(table).select(sql`SELECT ${sql.join(values, sql`, `)} ${rest}`)
}

/**
 * Builds `INSERT INTO table (columns) SELECT ... FROM json_each(rows)`, followed by `rest`, in which `value` is the row as
 * JSON. However many rows there are, they are one parameter: D1 permits 100. Rows hold what SQLite stores:
 * strings, numbers, booleans, null, and objects for columns of JSON.
 */
export function insertRows<Table extends SQLiteTable>(
  db: Database,
  table: Table,
  rows: readonly Record<string, unknown>[],
  rest: SQL,
) {
  const members = Object.keys(rows[0] ?? {}).map((name) => [name, sql`value ->> ${name}`])
  const selected = Object.fromEntries(members) as Selected<Table>
  return insertSelect(db, table, selected, sql`FROM json_each(${JSON.stringify(rows)}) ${rest}`)
}

/** Returns the strings as a subquery for IN, however many there are. */
export const listed = (texts: readonly string[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(texts)}))`

/**
 * Returns a function that builds a query at its first call and returns it again afterwards: building the SQL
 * costs more than running it.
 */
export function once<Query>(build: () => Query): () => Query {
  let query: Query | undefined
  return () => (query ??= build())
}

/** Returns a prepared query with the values of its placeholders, for a batch: Drizzle fills them in only outside a batch. */
export function withValues<Config extends PreparedQueryConfig>(
  query: SQLitePreparedQuery<Config>,
  values: Record<string, unknown>,
): RunnableQuery<Config['execute'], 'sqlite'> {
  const { sql: text, params } = query.getQuery()
  const filled = { sql: text, params: fillPlaceholders(params, values) }
  const bound = Object.create(query, { getQuery: { value: () => filled } })
  return { _prepare: () => bound } as unknown as RunnableQuery<Config['execute'], 'sqlite'>
}

/** Returns a function that creates the statement to insert a row, for a batch. The SQL is built once. */
export function insertOf<Table extends SQLiteTable>(db: Database, table: Table) {
  const columns = Object.entries(getTableColumns(table)).filter(
    ([, column]) => column.generated === undefined,
  )
  const insert = once(() => {
    const placeholders = columns.map(([name]) => [name, sql`${sql.placeholder(name)}`])
    return db.insert(table).values(Object.fromEntries(placeholders)).prepare()
  })
  return (row: Table['$inferInsert']) => {
    const given = new Map<string, unknown>(Object.entries(row))
    const values = columns.map(([name, column]) => {
      const value = given.get(name) ?? column.default ?? null
      return [name, toDriverValue(column, value)]
    })
    return withValues(insert(), Object.fromEntries(values))
  }
}

/**
 * Returns a function that creates an UPDATE for a batch, which returns the ids of the rows. The SQL is built once for each
 * set of columns, so an SQL expression among the values must always be the same for the same columns. `whereValues` are
 * the placeholders of `where`.
 */
export function updateOf<Table extends SQLiteTable & { id: SQLiteColumn }>(
  db: Database,
  table: Table,
  where: SQL,
) {
  const columns = getTableColumns(table)
  const prepare = (values: [name: string, value: unknown][]) => {
    const set = values.map(([name, value]) => [
      name,
      is(value, SQL) ? value : sql`${sql.placeholder(name)}`,
    ])
    return db
      .update(table)
      .set(Object.fromEntries(set))
      .where(where)
      .returning({ id: table.id })
      .prepare()
  }
  const prepared = new Map<string, ReturnType<typeof prepare>>()
  return (values: Record<string, unknown>, whereValues: Record<string, unknown>) => {
    const entries = Object.entries(values)
    const names = entries.map(([name]) => name).join()
    const query = prepared.get(names) ?? prepare(entries)
    prepared.set(names, query)
    const stored = entries.map(([name, value]) => [name, toDriverValue(columns[name], value)])
    return withValues(query, { ...Object.fromEntries(stored), ...whereValues })
  }
}

const toDriverValue = (column: SQLiteColumn | undefined, value: unknown): unknown =>
  value === null || column === undefined ? value : column.mapToDriverValue(value)

export const time = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))

export const words = (text: string): string[] => text.split(' ').filter(Boolean)
