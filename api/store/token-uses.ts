/**
 * Fetched access tokens of an account, by API key, client address and day. Issuing a stored token must not wait for a
 * write, so a process writes the first use of an hour after the response, and the number of the others once the hour is
 * over.
 */
import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import type { ListQuery } from '../../schema/common.ts'
import { apiKeys } from '../../schema/d1/operating-tables.ts'
import { mailAccounts, tokenUses } from '../../schema/d1/tables.ts'
import { DAY_MS, HOUR_MS } from '../../schema/durations.ts'
import { type AccessScope, byScope } from '../model/access.ts'
import type { Page } from '../model/storage.ts'
import type { TokenUse, TokenUser } from '../model/token-use.ts'
import { type Database, insertRows } from './database.ts'
import { after, newestFirst, pageOf } from './pagination.ts'

/**
 * Users of one hour that a process keeps in memory, which takes 4 MB. Beyond that it writes their uses and begins again
 * with none.
 */
const MOST_USERS = 20_000

/** Rows in one statement, which takes a few milliseconds. */
const ROWS_AT_ONCE = 200

/** The uses since the last write. */
type Uses = { firstAt: Date; lastAt: Date; count: number }

export function createTokenUseStore(db: Database) {
  let hour = 0
  /** The users of this hour. */
  let users = new Map<string, TokenUser & Uses>()
  /** Rows that wait to be written, or could not be. */
  let waiting: (typeof tokenUses.$inferInsert)[] = []

  /** Makes the uses wait for the next write. */
  function release(all: Iterable<TokenUser & Uses>): void {
    for (const user of all) {
      const { customer: _, ...row } = user
      const day = Math.floor(user.firstAt.getTime() / DAY_MS)
      if (user.count > 0) waiting.push({ ...row, day })
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
      set: {
        firstAt: sql`min(${tokenUses.firstAt}, excluded.first_at)`,
        lastAt: sql`max(${tokenUses.lastAt}, excluded.last_at)`,
        count: sql`${tokenUses.count} + excluded.count`,
      },
    })

  return {
    /**
     * Counts a use. Returns the write to run after the response, or null for a user's further uses, which are written
     * later.
     */
    count(user: TokenUser, now: Date): (() => Promise<void>) | null {
      const current = Math.floor(now.getTime() / HOUR_MS)
      if (current !== hour || users.size >= MOST_USERS) begin(current)
      const id = `${user.mailAccountId} ${user.keyId} ${user.address}`
      const known = users.get(id)
      if (known) {
        if (known.count === 0) known.firstAt = now
        known.lastAt = now
        known.count += 1
        return null
      }
      const added = { ...user, firstAt: now, lastAt: now, count: 1 }
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

    /** Lists the uses of an account by day, with those that this process has only counted, newest day first. */
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
      const { day, id } = tokenUses
      const rows = await db
        .select({
          ...getTableColumns(tokenUses),
          keyName: apiKeys.name,
          keyCustomer: apiKeys.customer,
        })
        .from(tokenUses)
        .leftJoin(apiKeys, eq(apiKeys.id, tokenUses.keyId))
        .where(and(eq(tokenUses.mailAccountId, mailAccountId), after(cursor, day, id)))
        .orderBy(...newestFirst(day, id))
        .limit(limit + 1)
      return pageOf(rows, limit, ({ day, id }) => ({ at: day, id: `${id}` }), scope)
    },
  }
}
