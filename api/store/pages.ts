/** Paged lists, newest first. A cursor names the last row of the previous page. */
import { and, desc, eq, lt, or, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { type Cursor, readCursor, writeCursor } from '../../schema/cursor.ts'
import type { Page } from '../model/page.ts'

/** Returns the condition for rows that were created before the cursor's. */
export function after(cursor: string | undefined, at: SQLiteColumn, id: SQLiteColumn) {
  const position = cursor === undefined ? null : readCursor(cursor)
  if (!position) return undefined
  return or(lt(at, position.at), and(eq(at, position.at), lt(id, position.id)))
}

export const newestFirst = (at: SQLiteColumn, id: SQLiteColumn): SQL[] => [desc(at), desc(id)]

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
