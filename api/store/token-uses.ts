/**
 * Fetched access tokens of an account, by API key, client address and hour. Issuing a stored token must not wait
 * for a write, so a process writes the first use of an hour after the response, and the number of the others once the
 * hour is over.
 */

import { and, eq, sql } from 'drizzle-orm'
import type { ListQuery } from '../../schema/common.ts'
import { readCursor } from '../../schema/cursor.ts'
import { apiKeys } from '../../schema/d1/operating-tables.ts'
import { mailAccounts, tokenUses } from '../../schema/d1/tables.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../schema/durations.ts'
import { type AccessScope, byScope } from '../model/access.ts'
import type { Page } from '../model/storage.ts'
import type { TokenUse, TokenUser } from '../model/token-use.ts'
import { type Database, insertRows } from './database.ts'
import { newestFirst, pageOf } from './pagination.ts'

/**
 * Users of one hour that a process keeps in memory, which takes 4 MB. Beyond that it writes their uses and begins again
 * with none.
 */
const MOST_USERS = 20_000

/** Rows in one statement, which takes a few milliseconds. */
const ROWS_AT_ONCE = 200

/** Uses within one hour; times in ms since the epoch. */
type Uses = { firstAt: number; lastAt: number; count: number }

export function createTokenUseStore(db: Database) {
  let hour = 0
  /** The users of this hour, with their uses since the last write. */
  let users = new Map<string, TokenUser & Uses>()
  /** Rows that wait to be written, or could not be. */
  let waiting: ReturnType<typeof toRow>[] = []

  /** Makes the uses wait for the next write. */
  function release(all: Iterable<TokenUser & Uses>): void {
    for (const user of all) {
      if (user.count > 0) waiting.push(toRow(user))
      user.count = 0
    }
  }

  function begin(current: number): void {
    release(users.values())
    users = new Map()
    hour = current
  }

  /** Writes what waits. Throws StorageError; up to MOST_USERS rows that are not written then wait for the next time. */
  async function write(): Promise<void> {
    const rows = waiting
    waiting = []
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      try {
        await add(rows.slice(start, start + ROWS_AT_ONCE))
      } catch (error) {
        waiting = [...rows.slice(start), ...waiting].slice(0, MOST_USERS)
        throw error
      }
    }
  }

  const add = (rows: typeof waiting) =>
    insertRows(
      db,
      tokenUses,
      rows,
      sql`WHERE EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.id} = value ->> 'mailAccountId')`,
    ).onConflictDoUpdate({
      target: [tokenUses.mailAccountId, tokenUses.day, tokenUses.keyId, tokenUses.address],
      set: { uses: sql`${tokenUses.uses} || ' ' || excluded.uses` },
    })

  return {
    /**
     * Counts a use. Returns the write to run after the response, or null for a user's further uses, which are written
     * later.
     */
    count(user: TokenUser, now: Date): (() => Promise<void>) | null {
      const at = now.getTime()
      const current = Math.floor(at / HOUR_MS)
      if (current !== hour || users.size >= MOST_USERS) begin(current)
      const id = `${user.mailAccountId} ${user.keyId} ${user.address}`
      const known = users.get(id)
      if (known) {
        if (known.count === 0) known.firstAt = at
        known.lastAt = at
        known.count += 1
        return null
      }
      const added = { ...user, firstAt: at, lastAt: at, count: 1 }
      release([added])
      users.set(id, added)
      return write
    },

    /** Writes the uses of the hours that are over. */
    async writeEnded(now: Date): Promise<void> {
      const current = Math.floor(now.getTime() / HOUR_MS)
      if (current !== hour) begin(current)
      await write()
    },

    /** Writes everything, before the process ends. */
    async writeAll(): Promise<void> {
      release(users.values())
      await write()
    },

    /**
     * Lists the uses of an account by hour, with those that this process has only counted: newest day first, and within
     * a day user by user.
     */
    async list(
      mailAccountId: string,
      { limit, cursor }: ListQuery,
      scope: AccessScope,
    ): Promise<Page<TokenUse>> {
      const isWithin = (user: TokenUser) =>
        user.mailAccountId === mailAccountId &&
        byScope(scope, {
          all: () => true,
          mail_accounts: ({ mailAccountIds }) => mailAccountIds.includes(mailAccountId),
          customer: ({ customer }) => user.customer === customer,
        })
      release([...users.values()].filter(isWithin))
      if (waiting.length > 0) await write()
      const position = cursor === undefined ? null : readCursor(cursor)
      const [lastRow, lastHour = 0] = position?.id.split('_').map(Number) ?? []
      const rows = await db
        .select({ row: tokenUses, keyName: apiKeys.name, keyCustomer: apiKeys.customer })
        .from(tokenUses)
        .leftJoin(apiKeys, eq(apiKeys.id, tokenUses.keyId))
        .where(
          and(
            eq(tokenUses.mailAccountId, mailAccountId),
            position
              ? sql`(${tokenUses.day}, ${tokenUses.id}) <= (${position.at}, ${lastRow})`
              : undefined,
          ),
        )
        .orderBy(...newestFirst(tokenUses.day, tokenUses.id))
        // Each row has at least one hour, except that of the cursor, which may have none left.
        .limit(limit + 2)
      const hours = rows.flatMap(({ row, ...key }) =>
        hoursOf(row)
          .filter((each) => row.id !== lastRow || each.hour < lastHour)
          .map((each) => ({ ...each, row, ...key })),
      )
      const place = ({ row, hour }: (typeof hours)[number]) => ({
        at: row.day,
        id: `${row.id}_${hour}`,
      })
      const { data, nextCursor } = pageOf(hours, limit, place, scope)
      return {
        data: data.map(({ row: { keyId, address }, hour: _, firstAt, lastAt, ...use }) => ({
          ...use,
          keyId,
          address,
          firstAt: new Date(firstAt),
          lastAt: new Date(lastAt),
        })),
        nextCursor,
      }
    },
  }
}

const secondOf = (at: number) => Math.floor((at % DAY_MS) / SECOND_MS)

function toRow({ mailAccountId, keyId, address, firstAt, lastAt, count }: TokenUser & Uses) {
  const first = String(secondOf(firstAt))
  const uses = count === 1 ? first : `${first}-${secondOf(lastAt)}*${count}`
  return { mailAccountId, day: Math.floor(firstAt / DAY_MS), keyId, address, uses }
}

/** Returns the uses of each hour, the newest first. `hour`: of the day. */
function hoursOf({ day, uses }: typeof tokenUses.$inferSelect): (Uses & { hour: number })[] {
  const hours = new Map<number, Uses & { hour: number }>()
  for (const part of uses.split(' ')) {
    const [first = 0, last = first, count = 1] = part.split(/[-*]/).map(Number)
    const firstAt = day * DAY_MS + first * SECOND_MS
    const lastAt = day * DAY_MS + last * SECOND_MS
    const hour = Math.floor((first * SECOND_MS) / HOUR_MS)
    const known = hours.get(hour)
    hours.set(hour, {
      hour,
      firstAt: Math.min(firstAt, known?.firstAt ?? firstAt),
      lastAt: Math.max(lastAt, known?.lastAt ?? lastAt),
      count: count + (known?.count ?? 0),
    })
  }
  return [...hours.values()].sort((a, b) => b.hour - a.hour)
}
