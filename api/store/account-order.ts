/** The orders of the list of mail accounts, and the positions in them that cursors hold. */
import { type SQLWrapper, sql } from 'drizzle-orm'
import { type Cursor, readCursor } from '../../schema/cursor.ts'
import { mailAccounts } from '../../schema/d1/tables.ts'
import type { MailAccountSort } from '../../schema/mail-account.ts'
import type { RowOrder } from './pages.ts'

type SortKey = Exclude<MailAccountSort, `-${string}`>

/** Values compared before creation time and id. Indexes have those of `username` and `checked_at`. */
const compared: Record<SortKey, SQLWrapper | null> = {
  created_at: null,
  username: sql`lower(${mailAccounts.username})`,
  checked_at: mailAccounts.validatedAt,
  health: sql`urgency`,
}

export const sortKeyOf = (sort: MailAccountSort) => sort.replace('-', '') as SortKey

export function accountOrder(sort: MailAccountSort): RowOrder {
  const key = sortKeyOf(sort)
  const first = compared[key]
  return {
    by: [...(first ? [first] : []), mailAccounts.createdAt, mailAccounts.id],
    // The greatest urgency comes first.
    direction: (key === 'health') === sort.startsWith('-') ? 'ascending' : 'descending',
  }
}

/** Returns the values of the cursor in the order that they are compared, or null without a cursor. */
export function positionOf(cursor: string | undefined): unknown[] | null {
  const position = cursor === undefined ? null : readCursor(cursor)
  if (!position) return null
  const { at, id, sorted } = position
  if (!sorted || sorted.key === '') return [at, id]
  // SQLite compares the address with its own lower(), which leaves letters outside ASCII alone.
  const isAddress = sortKeyOf(sorted.by as MailAccountSort) === 'username'
  return [isAddress ? sql`lower(${sorted.key})` : Number(sorted.key), at, id]
}

type Sorted = { createdAt: number; id: string }

/** Returns the position of a row as a cursor holds it; `key` is the value compared first. */
export const cursorOf = (
  sort: MailAccountSort,
  { createdAt, id }: Sorted,
  key: string | number,
): Cursor => ({
  at: createdAt,
  id,
  ...(sort !== '-created_at' && {
    sorted: { by: sort, key: sortKeyOf(sort) === 'created_at' ? '' : `${key}` },
  }),
})
