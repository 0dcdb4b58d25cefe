/** Grants at rest: reading, listing, making, deleting. The refresh protocol is in leases.ts. */

import { and, eq, getTableColumns, gt, isNotNull, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { GrantQuery } from '../../schema/grant.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { MaybeAccessScope } from '../model/access-scope.ts'
import type { EventRecord } from '../model/event.ts'
import type { GrantState } from '../model/failure.ts'
import type { GrantRecord, NewGrant, NewTokens } from '../model/grant.ts'
import type { Page } from '../model/page.ts'
import { type Database, time, words } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import { grantWithin, usedWithinOnly } from './limits.ts'
import { after, newestFirst, pageOf } from './pages.ts'
import type { Sealer } from './seal.ts'
import { healthy, problemOf } from './token-columns.ts'

/** All but the refresh tokens, which are long, and the labels: only the upkeep has a use for those. */
const {
  refreshTokenSealed: _refreshToken,
  previousRefreshTokenSealed: _previousRefreshToken,
  refreshTokenLabel: _refreshTokenLabel,
  previousRefreshTokenLabel: _previousRefreshTokenLabel,
  accessTokenLabel: _accessTokenLabel,
  ...readable
} = getTableColumns(grants)
export const grantColumns = readable

type GrantRow = Pick<typeof grants.$inferSelect, keyof typeof readable>

export const grantPlace = (row: string, column: string) => ({ table: 'grants', row, column })

export const withToken = (sealer: Sealer, row: GrantRow) => ({
  grant: toGrant(row),
  openAccessToken: async (): Promise<string | null> =>
    row.accessTokenSealed && sealer.open(row.accessTokenSealed, grantPlace(row.id, 'access_token')),
})

export function toGrant(row: GrantRow): GrantRecord {
  return {
    id: row.id,
    state: row.state,
    savedAt: time(row.savedAt),
    expiresAt: time(row.expiresAt),
    createdAt: new Date(row.createdAt),
    clientId: row.clientId,
    cloud: row.cloud,
    tenantId: row.tenantId,
    objectId: row.objectId,
    accountType: row.accountType,
    signedInAs: row.signedInAs,
    scopes: words(row.scopes),
    protocols: words(row.protocols) as Protocol[],
    accessTokenExpiresAt: time(row.accessTokenExpiresAt),
    refreshedAt: time(row.refreshedAt),
    version: row.version,
    failures: row.failures,
    retryAt: time(row.retryAt),
    problem: problemOf(row),
  }
}

/** That the settings name this client and cloud: a grant of others could never be refreshed. */
export const isCurrentApp = ({ clientId, cloud }: Pick<NewGrant, 'clientId' | 'cloud'>): SQL =>
  sql`EXISTS (SELECT 1 FROM ${integrations} WHERE ${integrations.clientId} = ${clientId}
    AND ${integrations.cloud} = ${cloud})`

/** Sealed columns for new tokens. The refresh token column is left alone when none came. */
export async function sealTokens(sealer: Sealer, id: string, tokens: NewTokens) {
  const [access, refresh] = await Promise.all([
    sealer.seal(tokens.accessToken, grantPlace(id, 'access_token')),
    tokens.refreshToken && sealer.seal(tokens.refreshToken, grantPlace(id, 'refresh_token')),
  ])
  return {
    accessTokenSealed: access,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt.getTime(),
    ...(refresh && { refreshTokenSealed: refresh }),
  }
}

/** For the batch after an account let go of its grant: the last one to go takes it along. */
export const deleteGrantIfUnused = (db: Database, id: string) =>
  db
    .delete(grants)
    .where(
      and(
        eq(grants.id, id),
        isNotNull(grants.savedAt),
        sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.grantId} = ${grants.id})`,
      ),
    )

/** Saved, and made with another client or in another cloud. */
export const madeElsewhere = (clientId: string, cloud: Cloud) =>
  and(
    isNotNull(grants.savedAt),
    ne(grants.state, 'reconnect_required'),
    or(ne(grants.clientId, clientId), ne(grants.cloud, cloud)),
  )

export function createGrantStore(db: Database, sealer: Sealer) {
  return {
    async read(id: string, limit: MaybeAccessScope = null): Promise<GrantRecord | null> {
      const [row] = await db
        .select()
        .from(grants)
        .where(and(eq(grants.id, id), grantWithin(limit)))
      return row ? toGrant(row) : null
    },

    /** With the stored access token, opened only when asked for. That throws KeyMissing. */
    async readWithToken(id: string) {
      const [row] = await db.select().from(grants).where(eq(grants.id, id))
      return row ? withToken(sealer, row) : null
    },

    async list(
      query: GrantQuery,
      now: Date,
      within: MaybeAccessScope = null,
    ): Promise<Page<GrantRecord>> {
      const { limit, cursor } = query
      const rows = await db
        .select()
        .from(grants)
        .where(
          and(
            or(isNotNull(grants.savedAt), gt(grants.expiresAt, now.getTime())),
            grantWithin(within),
            ...matching(query),
            after(cursor, grants.createdAt, grants.id),
          ),
        )
        .orderBy(...newestFirst(grants.createdAt, grants.id))
        .limit(limit + 1)
      return pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row.id }), toGrant)
    },

    /** Ids of the mail accounts that name this grant. */
    async mailAccountsOf(id: string): Promise<string[]> {
      const rows = await db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(eq(mailAccounts.grantId, id))
      return rows.map((row) => row.id)
    },

    countMadeElsewhere: (clientId: string, cloud: Cloud): Promise<number> =>
      db.$count(grants, madeElsewhere(clientId, cloud)),

    /** When the saved grant that has been idle for longest was last refreshed. */
    async idleSince(): Promise<Date | null> {
      // One step in the index for each state, where one question for both would read all of it.
      const oldest = (state: GrantState) =>
        db
          .select({ at: sql<number | null>`min(${grants.refreshedAt})` })
          .from(grants)
          .where(and(isNotNull(grants.savedAt), eq(grants.state, state)))
      const found = await db.batch([oldest('active'), oldest('cooling_down')])
      const times = found.flat().flatMap(({ at }) => (at === null ? [] : [at]))
      return times.length === 0 ? null : new Date(Math.min(...times))
    },

    /**
     * Deletes the grant with its tokens. With `detach` accounts that name it are left without one;
     * else it stays when an account names it. It also stays when an account beyond the limit names it.
     * False when nothing was deleted.
     */
    async delete(
      id: string,
      detach: boolean,
      event: EventRecord,
      limit: MaybeAccessScope = null,
    ): Promise<boolean> {
      const unused = sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.grantId} = ${id})`
      const remove = db
        .delete(grants)
        .where(and(eq(grants.id, id), detach ? usedWithinOnly(id, limit) : unused))
        .returning({ id: grants.id })
      const clear = db
        .update(mailAccounts)
        .set({
          grantId: null,
          version: sql`${mailAccounts.version} + 1`,
          updatedAt: event.at.getTime(),
        })
        .where(
          and(
            eq(mailAccounts.grantId, id),
            sql`NOT EXISTS (SELECT 1 FROM ${grants} WHERE ${grants.id} = ${id})`,
          ),
        )
      const [deleted] = detach
        ? await db.batch([remove, insertEventIfChanged(db, event), clear])
        : await db.batch([remove, insertEventIfChanged(db, event)])
      return deleted.length === 1
    },

    /**
     * Puts the tokens of a new consent into an existing grant, as it was read: reconnecting without a
     * form. A refresh that is under way loses its lease. False, and nothing is changed, when the grant
     * has moved on or is gone, or the settings name another app by now; `writer` tells a repeat that its
     * first try was applied.
     */
    async replaceTokens(
      { id, version }: Pick<GrantRecord, 'id' | 'version'>,
      fresh: Pick<
        NewGrant,
        'signedInAs' | 'scopes' | 'protocols' | 'clientId' | 'cloud' | 'tokens'
      >,
      writer: string,
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> {
      const update = db
        .update(grants)
        .set({
          ...(await sealTokens(sealer, id, fresh.tokens)),
          ...healthy,
          previousRefreshTokenSealed: null,
          signedInAs: fresh.signedInAs,
          scopes: fresh.scopes.join(' '),
          protocols: fresh.protocols.join(' '),
          clientId: fresh.clientId,
          cloud: fresh.cloud,
          refreshedAt: now.getTime(),
          version: version + 1,
          writtenBy: writer,
          leaseOwner: null,
          leaseExpiresAt: null,
        })
        .where(and(eq(grants.id, id), eq(grants.version, version), isCurrentApp(fresh)))
        .returning({ id: grants.id })
      const [updated] = event
        ? await db.batch([update, insertEventIfChanged(db, event)])
        : await db.batch([update])
      return updated.length === 1
    },
  }
}

function matching({ username, status }: GrantQuery): (SQL | undefined)[] {
  const saved = isNotNull(grants.savedAt)
  const ofStatus =
    status === 'unsaved'
      ? and(isNull(grants.savedAt), eq(grants.state, 'active'))
      : status && and(eq(grants.state, status), status === 'active' ? saved : undefined)
  return [ofStatus, username ? sql`lower(${grants.signedInAs}) = lower(${username})` : undefined]
}
