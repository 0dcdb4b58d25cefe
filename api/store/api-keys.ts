/**
 * API keys. Of each secret, only a hash is stored: sealed for its row and for the rights of the key, so that write
 * access to the database is not enough to make a key or to change its rights.
 */

import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import type { Scope } from '../../schema/api-key.ts'
import type { ListQuery } from '../../schema/common.ts'
import { apiKeys, consoleSessions } from '../../schema/d1/operating-tables.ts'
import { mailAccounts } from '../../schema/d1/tables.ts'
import type {
  AccessScope,
  ApiKeyRecord,
  CustomerRecord,
  KeyRights,
  LinkEnd,
  NewApiKey,
} from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/storage.ts'
import type { AccessBinder, Bound } from './access-binding.ts'
import { apiKeyWithin } from './access-scope.ts'
import { isDeletedSince } from './customers.ts'
import { type Database, listed, once, time, words } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import { after, newestFirst, pageOf } from './pagination.ts'
import { endLinksOf } from './sign-in-links.ts'

const { secretHashLabel: _label, ...readable } = getTableColumns(apiKeys)
export const apiKeyColumns = readable

type ApiKeyRow = Pick<typeof apiKeys.$inferSelect, keyof typeof readable>

const context = (row: string) => ({ table: 'api_keys', row, column: 'secret_hash' })

/** Lists what the sealed hash vouches for, always in this order. */
const boundTo = ({
  scopes,
  mailAccountIds,
  customer,
  appOnly,
  expiresAt,
  reductions,
}: KeyRights): Bound =>
  Object.values({
    scopes,
    mailAccountIds,
    customer,
    appOnly,
    expiresAt,
    reductions,
  } satisfies KeyRights)

export function createApiKeyStore(db: Database, binder: AccessBinder) {
  const byId = once(() =>
    db
      .select(readable)
      .from(apiKeys)
      .where(eq(apiKeys.id, sql.placeholder('id')))
      .prepare(),
  )

  const valuesOf = async (key: NewApiKey, secretHash: string) => ({
    secretHashSealed: await binder.seal(secretHash, context(key.id), boundTo(key)),
    scopes: key.scopes.join(' '),
    mailAccountIds: key.mailAccountIds,
    customer: key.customer,
    appOnly: key.appOnly,
    expiresAt: key.expiresAt?.getTime() ?? null,
    reductions: key.reductions,
  })

  return {
    async create(key: NewApiKey, secretHash: string, event: EventRecord): Promise<void> {
      const values = { ...key, ...(await valuesOf(key, secretHash)) }
      await db.batch([
        db.insert(apiKeys).values({ ...values, createdAt: key.createdAt.getTime() }),
        insertEvent(db, event),
      ])
    },

    /**
     * Replaces the secret of a key that was neither used nor changed. Writes its rights as well, since the stored ones
     * are not verified. Returns null when there is no such key.
     */
    async replaceSecret(key: NewApiKey, secretHash: string): Promise<ApiKeyRecord | null> {
      const [row] = await db
        .update(apiKeys)
        .set(await valuesOf(key, secretHash))
        .where(and(eq(apiKeys.id, key.id), isNull(apiKeys.lastUsedAt), eq(apiKeys.version, 1)))
        .returning(readable)
      return row ? toApiKey(binder, row) : null
    },

    /**
     * Replaces the name and rights of a key, and seals its secret for them, in one statement. Returns false if the key
     * was changed or revoked after this version.
     */
    async replace(
      { id, name, version, ...key }: NewApiKey & Pick<ApiKeyRecord, 'version'>,
      secretHash: string,
      event: EventRecord,
    ): Promise<boolean> {
      const values = await valuesOf({ id, name, ...key }, secretHash)
      const [changed] = await db.batch([
        db
          .update(apiKeys)
          .set({ ...values, name, version: version + 1 })
          .where(and(eq(apiKeys.id, id), eq(apiKeys.version, version), isNull(apiKeys.revokedAt))),
        insertEventIfChanged(db, event),
      ])
      return changed.meta.changes > 0
    },

    async read(id: string): Promise<ApiKeyRecord | null> {
      const [row] = await byId().all({ id })
      return row ? toApiKey(binder, row) : null
    },

    async list({ limit, cursor }: ListQuery, scope: AccessScope): Promise<Page<ApiKeyRecord>> {
      const rows = await db
        .select(readable)
        .from(apiKeys)
        .where(and(apiKeyWithin(scope), after(cursor, apiKeys.createdAt, apiKeys.id)))
        .orderBy(...newestFirst(apiKeys.createdAt, apiKeys.id))
        .limit(limit + 1)
      return pageOf(
        rows,
        limit,
        (row) => ({ at: row.createdAt, id: row.id }),
        (row) => toApiKey(binder, row),
        scope,
      )
    },

    /** Revokes the key and ends its console sessions and links. Idempotent: a repeat writes no event. */
    async revoke(id: string, event: EventRecord, links: LinkEnd): Promise<void> {
      await db.batch([
        db
          .update(apiKeys)
          .set({ revokedAt: event.at.getTime() })
          .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt))),
        insertEventIfChanged(db, event),
        db.delete(consoleSessions).where(eq(consoleSessions.keyId, id)),
        ...endLinksOf(db, id, links, event),
      ])
    },

    /** Returns the customer's keys that are not revoked, or none if the name belongs to a later customer. */
    async listOfCustomer({
      name,
      deletedAt,
    }: Pick<CustomerRecord, 'name' | 'deletedAt'>): Promise<ApiKeyRecord[]> {
      const rows = await db
        .select(readable)
        .from(apiKeys)
        .where(
          and(
            eq(apiKeys.customer, name),
            isNull(apiKeys.revokedAt),
            isDeletedSince(name, deletedAt),
          ),
        )
      return rows.map((row) => toApiKey(binder, row))
    },

    /** Returns those of these keys that are not revoked. */
    async listUnrevoked(ids: readonly string[]): Promise<ApiKeyRecord[]> {
      const rows = await db
        .select(readable)
        .from(apiKeys)
        .where(and(sql`${apiKeys.id} IN ${listed(ids)}`, isNull(apiKeys.revokedAt)))
      return rows.map((row) => toApiKey(binder, row))
    },

    /** Records a use, unless one was recorded after `unlessSince`, so that only one of simultaneous calls writes. */
    async recordUse(id: string, now: Date, unlessSince: Date): Promise<void> {
      await db
        .update(apiKeys)
        .set({ lastUsedAt: now.getTime() })
        .where(
          and(
            eq(apiKeys.id, id),
            sql`coalesce(${apiKeys.lastUsedAt}, 0) <= ${unlessSince.getTime()}`,
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
  }
}

export function toApiKey(binder: AccessBinder, row: ApiKeyRow): ApiKeyRecord {
  const rights = {
    scopes: words(row.scopes) as Scope[],
    mailAccountIds: row.mailAccountIds,
    customer: row.customer,
    appOnly: row.appOnly,
    expiresAt: time(row.expiresAt),
    reductions: row.reductions,
  }
  return {
    id: row.id,
    name: row.name,
    ...rights,
    createdAt: new Date(row.createdAt),
    createdBy: row.createdBy,
    createdByName: row.createdByName,
    version: row.version,
    lastUsedAt: time(row.lastUsedAt),
    revokedAt: time(row.revokedAt),
    openBinding: () => binder.open(row.secretHashSealed, context(row.id), boundTo(rights)),
  }
}
