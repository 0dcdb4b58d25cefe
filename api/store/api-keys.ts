/**
 * API keys. Of each secret, only a hash is stored: sealed for its row and for the rights of the key, so that write
 * access to the database is not enough to make a key or to change its rights.
 */
import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
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
import { type Database, listed, once, type Row } from './database.ts'
import { insertEvent, insertEventIfChanged, writeWithEvent } from './events.ts'
import { after, byCreation, newestFirst, pageOf } from './pagination.ts'
import { endLinksOf } from './sign-in-links.ts'

const { secretHashLabel: _label, ...readable } = getTableColumns(apiKeys)
export const apiKeyColumns = readable

const context = (row: string) => ({ table: 'api_keys', row, column: 'secret_hash' })

const rightsOf = ({
  scopes,
  mailAccountIds,
  customer,
  appOnly,
  expiresAt,
  reductions,
}: KeyRights): KeyRights => ({
  scopes,
  mailAccountIds,
  customer,
  appOnly,
  expiresAt,
  reductions,
})

/** Lists what the sealed hash vouches for, always in this order. */
const boundTo = (key: KeyRights): Bound => Object.values(rightsOf(key))

export function createApiKeyStore(db: Database, binder: AccessBinder) {
  const byId = once(() =>
    db
      .select(readable)
      .from(apiKeys)
      .where(eq(apiKeys.id, sql.placeholder('id')))
      .prepare(),
  )

  const seal = (key: NewApiKey, secretHash: string) =>
    binder.seal(secretHash, context(key.id), boundTo(key))

  return {
    async create(key: NewApiKey, secretHash: string, event: EventRecord): Promise<void> {
      const secretHashSealed = await seal(key, secretHash)
      await db.batch([
        db.insert(apiKeys).values({ ...key, secretHashSealed }),
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
        .set({ ...rightsOf(key), secretHashSealed: await seal(key, secretHash) })
        .where(and(eq(apiKeys.id, key.id), isNull(apiKeys.lastUsedAt), eq(apiKeys.version, 1)))
        .returning(readable)
      return row ? toApiKey(binder, row) : null
    },

    /**
     * Replaces the name and rights of a key, and seals its secret for them, in one statement. Returns false if the key
     * was changed or revoked after this version.
     */
    async replace(
      { version, ...key }: NewApiKey & Pick<ApiKeyRecord, 'version'>,
      secretHash: string,
      event: EventRecord,
    ): Promise<boolean> {
      const { id, name } = key
      const secretHashSealed = await seal(key, secretHash)
      return writeWithEvent(
        db,
        db
          .update(apiKeys)
          .set({ ...rightsOf(key), secretHashSealed, name, version: version + 1 })
          .where(and(eq(apiKeys.id, id), eq(apiKeys.version, version), isNull(apiKeys.revokedAt))),
        event,
      )
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
      const keys = rows.map((row) => toApiKey(binder, row))
      return pageOf(keys, limit, byCreation, scope)
    },

    /** Revokes the key and ends its console sessions and links. Idempotent: a repeat writes no event. */
    async revoke(id: string, event: EventRecord, links: LinkEnd): Promise<void> {
      await db.batch([
        db
          .update(apiKeys)
          .set({ revokedAt: event.at })
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
        .set({ lastUsedAt: now })
        .where(and(eq(apiKeys.id, id), sql`coalesce(${apiKeys.lastUsedAt}, 0) <= ${unlessSince}`))
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

export function toApiKey(binder: AccessBinder, row: Row<typeof readable>): ApiKeyRecord {
  const { secretHashSealed, ...key } = row
  return { ...key, openBinding: () => binder.open(secretHashSealed, context(key.id), boundTo(key)) }
}
