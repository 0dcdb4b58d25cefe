/** The API keys and client addresses that fetched access tokens of each account. Conventions as in tables.ts. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/**
 * One row per account, API key, client address and day. A row per hour would take ten times the space of everything
 * else about a mailbox. A trigger deletes the rows of a deleted account.
 */
export const tokenUses = sqliteTable(
  'token_uses',
  {
    id: integer().primaryKey(),
    mailAccountId: text('mail_account_id').notNull(),
    /** Days since the Unix epoch, UTC. */
    day: integer().notNull(),
    /** Id of an API key, or `root`. */
    keyId: text('key_id').notNull(),
    /** An IPv4 address, or the network of an IPv6 one. */
    address: text().notNull(),
    /**
     * Uses in seconds since the beginning of the day, separated by spaces: `32400` is one, `32400-35940*11` are eleven in one
     * hour. Only appended to, so an hour can have several.
     */
    uses: text().notNull(),
  },
  (t) => [
    uniqueIndex('token_uses_user').on(t.mailAccountId, t.day, t.keyId, t.address),
    index('token_uses_day').on(t.day),
  ],
)
