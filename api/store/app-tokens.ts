/**
 * Tokens of the app itself at one tenant, with the lease and the fence of a grant's refresh: one
 * caller at a time asks Entra, and a write of one whose lease was taken over changes nothing.
 */

import { and, eq, getTableColumns, lte, type SQL, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { AppOnlyHistory, AppTokenKey, AppTokenRecord } from '../model/app-token.ts'
import type { EventRecord } from '../model/event.ts'
import type { TokenFailure } from '../model/failure.ts'
import { type Database, time } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import type { Sealer } from './seal.ts'
import { failureColumns, healthy, problemOf } from './token-columns.ts'

export type AppTokenInHand = {
  token: AppTokenRecord
  /** Null while none was issued. Throws KeyMissing. */
  openAccessToken: () => Promise<string | null>
}

export type AppTokenLease = { token: AppTokenRecord; owner: string }

const {
  accessTokenLabel: _,
  leaseOwner: _owner,
  leaseExpiresAt: _until,
  ...columns
} = getTableColumns(appTokens)
export const appTokenColumns = columns

type Row = Pick<typeof appTokens.$inferSelect, keyof typeof columns>

export const appTokenId = ({ clientId, cloud, tenant }: AppTokenKey) =>
  `${clientId}|${cloud}|${tenant}`

export const tokenPlace = (row: string) => ({ table: 'app_tokens', row, column: 'access_token' })

export const withAppToken = (sealer: Sealer, row: Row): AppTokenInHand => ({
  token: toAppToken(row),
  openAccessToken: async () =>
    row.accessTokenSealed && sealer.open(row.accessTokenSealed, tokenPlace(row.id)),
})

export function toAppToken(row: Row): AppTokenRecord {
  return {
    id: row.id,
    clientId: row.clientId,
    cloud: row.cloud,
    tenant: row.tenant,
    state: row.state,
    accessTokenExpiresAt: time(row.accessTokenExpiresAt),
    refreshedAt: time(row.fetchedAt),
    version: row.version,
    failures: row.failures,
    retryAt: time(row.retryAt),
    problem: problemOf(row),
  }
}

/** The row that an account of flow `app_only` lives by; needs `integrations` in the same query. */
export const appTokenOfAccount: SQL = sql`${appTokens.id} = ${integrations.clientId} || '|' ||
  ${integrations.cloud} || '|' || ${mailAccounts.tenant}`

type Held = { token: Pick<AppTokenRecord, 'id' | 'version'>; owner: string }

export function createAppTokenStore(db: Database, sealer: Sealer) {
  const held = ({ token: { id, version }, owner }: Held) =>
    and(eq(appTokens.id, id), eq(appTokens.version, version), eq(appTokens.leaseOwner, owner))

  /** A write that also gives the lease back. False when the fence held it off. */
  async function write(
    lease: AppTokenLease,
    values: Partial<typeof appTokens.$inferInsert>,
    event: EventRecord | null,
  ): Promise<boolean> {
    const update = db
      .update(appTokens)
      .set({ ...values, version: lease.token.version + 1, leaseOwner: null, leaseExpiresAt: null })
      .where(held(lease))
      .returning({ id: appTokens.id })
    const [updated] = event
      ? await db.batch([update, insertEventIfChanged(db, event)])
      : await db.batch([update])
    return updated.length === 1
  }

  return {
    async read(key: AppTokenKey): Promise<AppTokenInHand | null> {
      const [row] = await db
        .select(appTokenColumns)
        .from(appTokens)
        .where(eq(appTokens.id, appTokenId(key)))
      return row ? withAppToken(sealer, row) : null
    },

    /**
     * Null when another holder's lease is running, or the row is not at `version` any more. The first
     * one to ask makes the row, which counts as being at version 0 before.
     */
    async acquire(
      key: AppTokenKey,
      version: number,
      owner: string,
      now: Date,
      until: Date,
    ): Promise<AppTokenLease | null> {
      const lease = { leaseOwner: owner, leaseExpiresAt: until.getTime() }
      const [row] = await db
        .insert(appTokens)
        .values({ id: appTokenId(key), ...key, ...lease })
        .onConflictDoUpdate({
          target: appTokens.id,
          set: lease,
          setWhere: sql`${appTokens.version} = ${version}
            AND (${appTokens.leaseExpiresAt} IS NULL OR ${appTokens.leaseExpiresAt} < ${now.getTime()})`,
        })
        .returning(appTokenColumns)
      return row ? { token: toAppToken(row), owner } : null
    },

    async store(
      lease: AppTokenLease,
      { accessToken, expiresAt }: { accessToken: string; expiresAt: Date },
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> {
      const fresh = {
        ...healthy,
        accessTokenSealed: await sealer.seal(accessToken, tokenPlace(lease.token.id)),
        accessTokenExpiresAt: expiresAt.getTime(),
        fetchedAt: now.getTime(),
      }
      return write(lease, fresh, event)
    },

    /** Stores why Entra issued no token. The stored token is not touched. */
    fail: (
      lease: AppTokenLease,
      failure: TokenFailure<'cooling_down' | 'blocked'>,
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> => write(lease, failureColumns(failure, lease.token, now), event),

    /** Gives the lease back and changes nothing else. */
    async release(lease: Held): Promise<void> {
      await db.update(appTokens).set({ leaseOwner: null, leaseExpiresAt: null }).where(held(lease))
    },

    /** Those of this app whose time to try again has come, the ones that failed least often first. */
    async due(
      app: { clientId: string | null; cloud: Cloud },
      now: Date,
      limit: number,
    ): Promise<AppTokenRecord[]> {
      const rows = await db
        .select(appTokenColumns)
        .from(appTokens)
        .where(
          and(
            lte(appTokens.retryAt, now.getTime()),
            eq(appTokens.clientId, app.clientId ?? ''),
            eq(appTokens.cloud, app.cloud),
          ),
        )
        .orderBy(appTokens.failures, appTokens.retryAt)
        .limit(limit)
      return rows.map(toAppToken)
    },

    /** What the last logins of saved accounts say about one that failed. */
    async history(login: {
      tenant: string
      protocol: Protocol
      username: string
    }): Promise<AppOnlyHistory> {
      const rows = await db
        .select({
          own: sql<number>`lower(${mailAccounts.username}) = lower(${login.username})`,
          protocol: mailAccounts.protocol,
          outcome: mailAccounts.lastValidationOutcome,
        })
        .from(mailAccounts)
        .where(
          and(
            eq(mailAccounts.tenant, login.tenant),
            sql`${mailAccounts.lastValidationOutcome} IN ('passed', 'failed')`,
          ),
        )
        .limit(1000)
      const other = rows.find(({ own, protocol }) => own === 1 && protocol !== login.protocol)
      return {
        otherProtocol: other ? (other.outcome as 'passed' | 'failed') : null,
        worksElsewhere: rows.some(({ own, outcome }) => own === 0 && outcome === 'passed'),
      }
    },
  }
}
