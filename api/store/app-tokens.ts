/** App-only access: tokens of the app itself, one row for each client, cloud, tenant and resource. */
import { and, eq, getTableColumns, lte, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { appTokens, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { EventRecord } from '../model/event.ts'
import type { AppTokenLease } from '../model/grant.ts'
import {
  type AppOnlyHistory,
  type AppTokenKey,
  type AppTokenRecord,
  appTokenId,
  type IssuedAppToken,
} from '../model/grant.ts'
import type { AloneSince } from '../model/storage.ts'
import { type Database, listed, once, type Row } from './database.ts'
import { createLeases, healthy, requestColumns, withProblem } from './leases.ts'
import type { Sealer } from './seal.ts'
import { settingsColumn, toSettings } from './settings.ts'

const {
  accessTokenSealed: _token,
  accessTokenLabel: _label,
  leaseOwner: _owner,
  leaseExpiresAt: _until,
  writtenBy: _writer,
  lastRequestAt: _requestedAt,
  lastRequestOutcome: _outcome,
  ...readable
} = getTableColumns(appTokens)
export const appTokenColumns = readable

const { clientId: _app, cloud: _cloud, tenant: _tenant, resource: _resource, ...state } = readable
/**
 * The columns that are read to issue a token or to log in with it. The columns that identify the token are left out,
 * since the query contains their values.
 */
export const issuedAppTokenColumns = { ...state, accessTokenSealed: appTokens.accessTokenSealed }

const tokenContext = (row: string) => ({ table: 'app_tokens', row, column: 'access_token' })

export const toIssuedAppToken = (
  sealer: Sealer,
  { accessTokenSealed, ...row }: Row<typeof issuedAppTokenColumns>,
): IssuedAppToken => ({
  ...withProblem(row),
  openAccessToken: () => sealer.openIfIntact(accessTokenSealed, tokenContext(row.id)),
})

/** Returns the condition that joins a tenant with its token for a resource; needs `integrations` in the same query. */
export const appTokenOf = (tenant: SQLWrapper, resource: SQLWrapper): SQL =>
  sql`${appTokens.id} = ${integrations.clientId} || '|' || ${integrations.cloud} || '|' || ${tenant} || '|' || ${resource}`

export const appTokenOfAccount = appTokenOf(mailAccounts.tenant, mailAccounts.resource)

export function createAppTokenStore(db: Database, sealer: Sealer, aloneSince: AloneSince) {
  const leases = createLeases(db, appTokens, aloneSince)
  const { isFree, times, look, write, fail, renew, release, isWrittenBy } = leases

  const lease = once(() => {
    const leased = {
      leaseOwner: sql`${sql.placeholder('owner')}`,
      leaseExpiresAt: sql`${sql.placeholder('until')}`,
    }
    return db
      .insert(appTokens)
      .values({
        id: sql.placeholder('id'),
        clientId: sql.placeholder('clientId'),
        cloud: sql.placeholder('cloud'),
        tenant: sql.placeholder('tenant'),
        resource: sql.placeholder('resource'),
        ...leased,
      })
      .onConflictDoUpdate({ target: appTokens.id, set: leased, setWhere: isFree })
      .returning({ ...appTokenColumns, settings: settingsColumn.as('settings') })
      .prepare()
  })

  return {
    async read(key: AppTokenKey): Promise<IssuedAppToken | null> {
      const [row] = await db
        .select(issuedAppTokenColumns)
        .from(appTokens)
        .where(eq(appTokens.id, appTokenId(key)))
      return row ? toIssuedAppToken(sealer, row) : null
    },

    /** Returns the tokens of the app in the settings, in these tenants. */
    async readMany(tenants: readonly string[]): Promise<AppTokenRecord[]> {
      if (tenants.length === 0) return []
      const rows = await db
        .select(appTokenColumns)
        .from(sql`${listed(tenants)} AS tenants`)
        .innerJoin(
          sql`(SELECT 'outlook' AS resource UNION ALL SELECT 'graph') AS resources`,
          sql`1`,
        )
        .innerJoin(integrations, eq(integrations.id, sql`'microsoft'`))
        .innerJoin(appTokens, appTokenOf(sql`tenants.value`, sql`resources.resource`))
      return rows.map(withProblem)
    },

    leases: {
      fail,
      look,
      renew,
      release,
      isWrittenBy,

      /**
       * Returns null while another lease is running, or when the row is no longer at `version`. Creates
       * a missing row, which counts as version 0. Reads the settings in the same transaction.
       */
      async acquire(
        key: AppTokenKey,
        version: number,
        owner: string,
        now: Date,
        until: Date,
      ): Promise<AppTokenLease | null> {
        const values = { id: appTokenId(key), ...key, version, owner, until, ...times(now) }
        const [leased] = await lease().all(values)
        if (!leased) return null
        const { settings, ...row } = leased
        return { record: withProblem(row), owner, settings: toSettings(sealer, settings) }
      },

      /** Stores a new token and releases the lease. Returns false when the fence rejected the write. */
      async store(
        lease: AppTokenLease,
        { accessToken, expiresAt }: { accessToken: string; expiresAt: Date },
        now: Date,
        event: EventRecord | null,
      ): Promise<boolean> {
        const values = {
          ...healthy,
          ...requestColumns({ at: now, outcome: 'succeeded' }),
          accessTokenSealed: await sealer.seal(accessToken, tokenContext(lease.record.id)),
          accessTokenExpiresAt: expiresAt,
          refreshedAt: now,
        }
        return write(lease, values, [event])
      },
    },

    /** Returns this app's failed tokens that are due for a retry, those with the fewest failures first. */
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
            lte(appTokens.retryAt, now),
            eq(appTokens.clientId, app.clientId ?? ''),
            eq(appTokens.cloud, app.cloud),
          ),
        )
        .orderBy(appTokens.failures, appTokens.retryAt)
        .limit(limit)
      return rows.map(withProblem)
    },

    /** Returns what the last logins of saved accounts say about a failed one. */
    async readHistory(login: {
      tenant: string
      protocol: Protocol
      username: string
    }): Promise<AppOnlyHistory> {
      const own = sql`lower(${mailAccounts.username}) = lower(${login.username})`
      const passed = eq(mailAccounts.lastValidationOutcome, 'passed')
      const [[other], [elsewhere]] = await db.batch([
        db
          .select({ outcome: mailAccounts.lastValidationOutcome })
          .from(mailAccounts)
          .where(
            and(
              own,
              sql`+${mailAccounts.tenant} = ${login.tenant}`,
              sql`+${mailAccounts.protocol} <> ${login.protocol}`,
              sql`+${mailAccounts.lastValidationOutcome} IN ('passed', 'failed')`,
            ),
          )
          .limit(1),
        db
          .select({ id: mailAccounts.id })
          .from(mailAccounts)
          .where(and(eq(mailAccounts.tenant, login.tenant), passed, sql`NOT (${own})`))
          .limit(1),
      ])
      return {
        otherProtocol: other ? (other.outcome as 'passed' | 'failed') : null,
        worksElsewhere: elsewhere !== undefined,
      }
    },
  }
}
