/** The typed handle on D1, and the recognition of its failures. */
import { getTableColumns, is, SQL, sql } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'

export type Database = DrizzleD1Database

export const openDatabase = (d1: D1Database): Database => drizzle(d1)

/** Returns true if D1 itself failed (unreachable, overloaded, reset), false for a bug. */
export function isStorageError(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DrizzleQueryError || cause.message.startsWith('D1_')) return true
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

export const time = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))

export const words = (text: string): string[] => text.split(' ').filter(Boolean)
