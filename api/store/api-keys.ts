/** API keys. Only a hash of each secret is stored. */
import { and, eq, gt, isNotNull, isNull, lte, or, sql } from 'drizzle-orm'
import type { Scope } from '../../schema/api-key.ts'
import type { ListQuery } from '../../schema/common.ts'
import { apiKeys, consoleSessions } from '../../schema/d1/operating-tables.ts'
import { mailAccounts } from '../../schema/d1/tables.ts'
import type { ApiKeyRecord } from '../model/api-key.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/page.ts'
import { type Database, once, time, words } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import { after, newestFirst, pageOf } from './pages.ts'

export function createApiKeyStore(db: Database) {
  const byId = once(() =>
    db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.id, sql.placeholder('id')))
      .prepare(),
  )

  return {
    async create(key: ApiKeyRecord, event: EventRecord): Promise<void> {
      await db.batch([
        db.insert(apiKeys).values({
          ...key,
          scopes: key.scopes.join(' '),
          createdAt: key.createdAt.getTime(),
          expiresAt: key.expiresAt?.getTime() ?? null,
          lastUsedAt: null,
          revokedAt: null,
        }),
        insertEvent(db, event),
      ])
    },

    /** Replaces the secret of a key that was never used. Returns null when there is no such key. */
    async replaceSecret(id: string, secretHash: string): Promise<ApiKeyRecord | null> {
      const [row] = await db
        .update(apiKeys)
        .set({ secretHash })
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.lastUsedAt)))
        .returning()
      return row ? toApiKey(row) : null
    },

    async read(id: string): Promise<ApiKeyRecord | null> {
      const [row] = await byId().all({ id })
      return row ? toApiKey(row) : null
    },

    async list({ limit, cursor }: ListQuery): Promise<Page<ApiKeyRecord>> {
      const rows = await db
        .select()
        .from(apiKeys)
        .where(after(cursor, apiKeys.createdAt, apiKeys.id))
        .orderBy(...newestFirst(apiKeys.createdAt, apiKeys.id))
        .limit(limit + 1)
      return pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row.id }), toApiKey)
    },

    /** Revokes the key and ends its console sessions. Idempotent: a repeat writes no event. */
    async revoke(id: string, now: Date, event: EventRecord): Promise<void> {
      await db.batch([
        db
          .update(apiKeys)
          .set({ revokedAt: now.getTime() })
          .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt))),
        insertEventIfChanged(db, event),
        db.delete(consoleSessions).where(eq(consoleSessions.keyId, id)),
      ])
    },

    /** Returns those of these keys that are not revoked. */
    async listUnrevoked(ids: readonly string[]): Promise<ApiKeyRecord[]> {
      const listed = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
      const rows = await db
        .select()
        .from(apiKeys)
        .where(and(sql`${apiKeys.id} IN ${listed}`, isNull(apiKeys.revokedAt)))
      return rows.map(toApiKey)
    },

    /** Records a use, unless one was recorded after `unlessSince`: of simultaneous calls one writes. */
    async recordUse(id: string, now: Date, unlessSince: Date): Promise<void> {
      await db
        .update(apiKeys)
        .set({ lastUsedAt: now.getTime() })
        .where(
          and(
            eq(apiKeys.id, id),
            or(isNull(apiKeys.lastUsedAt), lte(apiKeys.lastUsedAt, unlessSince.getTime())),
          ),
        )
    },

    /** Returns the ids that belong to no mail account. */
    async listUnknownAccounts(ids: readonly string[]): Promise<string[]> {
      const rows = await db.all<{ value: string }>(
        sql`SELECT value FROM json_each(${JSON.stringify(ids)})
          WHERE value NOT IN (SELECT ${mailAccounts.id} FROM ${mailAccounts})`,
      )
      return rows.map(({ value }) => value)
    },

    /** Returns those of these accounts that are app-only. */
    async listAppOnlyAccounts(ids: readonly string[]): Promise<string[]> {
      const rows = await db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(
          and(
            sql`${mailAccounts.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
            eq(mailAccounts.authentication, 'app_only'),
          ),
        )
      return rows.map(({ id }) => id)
    },

    /** Counts valid keys that may fetch app-only tokens only because they are older than the right. */
    async countUnnamedAppOnly(now: Date): Promise<number> {
      return db.$count(
        apiKeys,
        and(
          isNull(apiKeys.appOnly),
          isNotNull(apiKeys.mailAccountIds),
          isNull(apiKeys.revokedAt),
          or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now.getTime())),
          sql`' ' || ${apiKeys.scopes} || ' ' LIKE '% tokens %'`,
          sql`EXISTS (SELECT 1 FROM json_each(${apiKeys.mailAccountIds}) AS listed
            JOIN ${mailAccounts} ON ${mailAccounts.id} = listed.value
            WHERE ${mailAccounts.authentication} = 'app_only')`,
        ),
      )
    },
  }
}

export const toApiKey = (row: typeof apiKeys.$inferSelect): ApiKeyRecord => ({
  id: row.id,
  name: row.name,
  secretHash: row.secretHash,
  scopes: words(row.scopes) as Scope[],
  mailAccountIds: row.mailAccountIds,
  appOnly: row.appOnly,
  createdAt: new Date(row.createdAt),
  createdBy: row.createdBy,
  createdByName: row.createdByName,
  expiresAt: time(row.expiresAt),
  lastUsedAt: time(row.lastUsedAt),
  revokedAt: time(row.revokedAt),
})
