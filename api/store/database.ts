/** The typed handle on D1, and the recognition of its failures. */
import { type GetColumnData, getTableColumns, is, SQL, sql } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
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

  /** Throws the binding's own error for a value that SQLite cannot store, which is a bug. */
  bind(...values: unknown[]) {
    // As in the columns of times.
    const stored = values.map((value) => (value instanceof Date ? value.getTime() : value))
    return new Statement(this.prepared.bind(...stored))
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

async function runStatements<Value>(run: () => Promise<Value>): Promise<Value> {
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

/** A row with these columns. */
export type Row<Columns extends Record<string, SQLiteColumn>> = {
  [Key in keyof Columns]: GetColumnData<Columns[Key]>
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
 * JSON. However many rows there are, they are one parameter: D1 permits 100.
 */
export function insertRows<Table extends SQLiteTable>(
  db: Database,
  table: Table,
  rows: readonly Record<string, unknown>[],
  rest: SQL,
) {
  const columns = getTableColumns(table)
  const stored = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value === null ? null : (columns[name]?.mapToDriverValue(value) ?? value),
      ]),
    ),
  )
  const members = Object.keys(rows[0] ?? {}).map((name) => [name, sql`value ->> ${name}`])
  const selected = Object.fromEntries(members) as Selected<Table>
  return insertSelect(db, table, selected, sql`FROM json_each(${JSON.stringify(stored)}) ${rest}`)
}

/** Returns the condition for at most `limit` of the rows that meet `condition`, so that a statement stays short. */
export const some = (table: SQLiteTable, condition: SQL | undefined, limit: number): SQL =>
  sql`rowid IN (SELECT rowid FROM ${table} WHERE ${condition} LIMIT ${sql.param(limit)})`

/** Returns the values as a subquery for IN, however many there are. */
export const listed = (values: readonly (string | number)[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`

/**
 * Returns a function that builds a query at its first call and returns it again afterwards, since building the SQL
 * costs more than running it.
 */
export function once<Query>(build: () => Query): () => Query {
  let query: Query | undefined
  return () => (query ??= build())
}

/** Returns these columns of a row, in the order in which they are selected, as Drizzle would. */
export function mapValues<Columns extends Record<string, SQLiteColumn>>(
  columns: Columns,
  values: readonly unknown[],
) {
  const entries = Object.entries(columns).map(([key, column], index) => {
    const value = values[index] ?? null
    return [key, value === null ? null : column.mapFromDriverValue(value)]
  })
  return Object.fromEntries(entries) as Row<Columns>
}

/**
 * Builds a JSON array of these columns of a row, and of further values. JSON has no BLOBs, but SQLite stores one in any
 * column. One that was written from outside must not stop the refresh of all grants, so it is read as text.
 */
export const jsonOf = (
  alias: string,
  columns: Record<string, SQLiteColumn>,
  ...further: readonly SQL[]
): SQL => {
  const values = Object.values(columns).map(({ name }) => {
    const value = sql`${sql.identifier(alias)}.${sql.identifier(name)}`
    return sql`iif(typeof(${value}) = 'blob', CAST(${value} AS TEXT), ${value})`
  })
  return sql`json_array(${sql.join([...values, ...further], sql`, `)})`
}
