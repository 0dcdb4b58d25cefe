/** Paged lists. A cursor holds the position of the last row of the previous page. */
import { asc, Column, desc, is, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { type Cursor, readCursor, writeCursor } from '../../schema/cursor.ts'
import { type AccessScope, cursorScope } from '../model/access.ts'
import type { Page } from '../model/storage.ts'

/**
 * Returns the condition for rows that were created before the cursor's. It compares the pair, which an index finds,
 * since "before, or at the same time with a lower id" would read all newer rows again.
 */
export function after(cursor: string | undefined, at: SQLiteColumn, id: SQLiteColumn) {
  const position = cursor === undefined ? null : readCursor(cursor)
  if (!position) return undefined
  return sql`(${at}, ${id}) < (${position.at}, ${position.id})`
}

export const newestFirst = (at: SQLiteColumn, id: SQLiteColumn): SQL[] => [desc(at), desc(id)]

/**
 * An order of rows in which no two tie: the values compared, one after the other, all in one direction.
 * They end with the creation time and the id.
 */
export type RowOrder = { by: SQLWrapper[]; direction: 'ascending' | 'descending' }

export const orderBy = ({ by, direction }: RowOrder): SQL[] =>
  by.map((value) => (direction === 'ascending' ? asc(value) : desc(value)))

/** Returns the same order in a form for which SQLite uses no index. */
export const unindexed = ({ by, direction }: RowOrder): RowOrder => ({
  by: by.map((value) => sql`+${value}`),
  direction,
})

/**
 * Returns the condition for rows beyond a position in this order, given by its values. The first value is also compared
 * alone, since SQLite finds a row value in an index of columns, but not in one of expressions.
 */
export function beyond({ by, direction }: RowOrder, position: readonly unknown[]): SQL {
  const values = position.map((value) => sql`${value}`)
  const row = sql`(${sql.join(by, sql`, `)})`
  const limit = sql`(${sql.join(values, sql`, `)})`
  const [first] = by
  if (direction === 'ascending') {
    const whole = sql`${row} > ${limit}`
    return is(first, Column) ? whole : sql`${first} >= ${values[0]} AND ${whole}`
  }
  const whole = sql`${row} < ${limit}`
  return is(first, Column) ? whole : sql`${first} <= ${values[0]} AND ${whole}`
}

/** A filter of a list: a column or an expression, and its value, undefined if the list is not filtered by it. */
export type Filter = readonly [column: SQLWrapper, value: SQLWrapper | string | undefined]

/**
 * Returns the conditions of the given filters, the most selective first. Only the first condition may use an index.
 * Without statistics, SQLite could pick an unselective one and read half the table. `indexed`: false if another
 * condition is more selective than all.
 */
export function filteredBy(filters: readonly Filter[], indexed = true): SQL[] {
  const given = filters.filter(([, value]) => value !== undefined)
  return given.map(([column, value], index) =>
    index === 0 && indexed ? sql`${column} = ${value}` : sql`+${column} = ${value}`,
  )
}

/** Returns the position of a row in the order of `newestFirst`. */
export const byCreation = ({ createdAt, id }: { createdAt: Date; id: string }): Cursor => ({
  at: createdAt.getTime(),
  id,
})

/** Returns a page within the scope. `items` has one more than `limit` if there is a next page. */
export function pageOf<Item>(
  items: Item[],
  limit: number,
  position: (item: Item) => Cursor,
  scope: AccessScope,
): Page<Item> {
  const data = items.slice(0, limit)
  const last = data.at(-1)
  return {
    data,
    nextCursor:
      items.length > limit && last
        ? writeCursor({ ...position(last), ...cursorScope(scope) })
        : null,
  }
}
