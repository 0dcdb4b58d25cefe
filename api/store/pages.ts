/** Paged lists, newest first. A cursor names the last row of the previous page. */
import { desc, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { type Cursor, readCursor, writeCursor } from '../../schema/cursor.ts'
import type { Page } from '../model/page.ts'

/**
 * Returns the condition for rows that were created before the cursor's. It compares the pair, which an
 * index finds: "before, or at the same time with a lower id" would read all newer rows again.
 */
export function after(cursor: string | undefined, at: SQLiteColumn, id: SQLiteColumn) {
  const position = cursor === undefined ? null : readCursor(cursor)
  if (!position) return undefined
  return sql`(${at}, ${id}) < (${position.at}, ${position.id})`
}

export const newestFirst = (at: SQLiteColumn, id: SQLiteColumn): SQL[] => [desc(at), desc(id)]

/** A filter of a list: a column or an expression, and its value, undefined if the list is not filtered by it. */
export type Filter = readonly [column: SQLWrapper, value: SQLWrapper | string | undefined]

/**
 * Returns the conditions of the given filters, the most selective first. Only that one may choose an
 * index: SQLite knows no sizes, and might read half the table along one that says little.
 * `indexed`: false if another condition is more selective than all.
 */
export function filteredBy(filters: readonly Filter[], indexed = true): SQL[] {
  const given = filters.filter(([, value]) => value !== undefined)
  return given.map(([column, value], index) =>
    index === 0 && indexed ? sql`${column} = ${value}` : sql`+${column} = ${value}`,
  )
}

/** Returns a page. `rows` has one row more than `limit` if there is a next page. */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  position: (row: Row) => Cursor,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    data: shown.map(toItem),
    nextCursor: rows.length > limit && last ? writeCursor(position(last)) : null,
  }
}
