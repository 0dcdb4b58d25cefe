/** Grants with their tokens and claims challenges, each of which is sealed for its row and column. */

import { and, desc, eq, getTableColumns, gt, isNotNull, or, type SQL, sql } from 'drizzle-orm'
import { authorizations, grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { GrantQuery } from '../../schema/grant.ts'
import { PERSONAL_TENANT } from '../../schema/integration.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'
import type { AccessScope } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type {
  ClaimsChallenge,
  GrantLease,
  GrantRecord,
  GrantState,
  GrantWithToken,
  NewGrant,
  NewTokens,
  TokenFailure,
  TokenRequest,
  UnsavedUntil,
} from '../model/grant.ts'
import type { AloneSince, Page } from '../model/storage.ts'
import { KeyMissing } from '../model/storage.ts'
import { grantWithin, isNarrow, usedWithinOnly } from './access-scope.ts'
import {
  type Database,
  filled,
  insertSelect,
  listed,
  mapRow,
  once,
  time,
  words,
} from './database.ts'
import { insertEventIfChanged } from './events.ts'
import { createLeases, failureColumns, healthy, problemOf, requestColumns } from './leases.ts'
import { after, type Filter, filteredBy, newestFirst, pageOf } from './pages.ts'
import type { Sealer } from './seal.ts'
import { withSettings } from './settings.ts'

/**
 * All columns but the refresh tokens, which are long, the claims challenge, which only a sign-in needs, the
 * labels, which only maintenance needs, and those that only a trigger or a lease reads.
 */
const {
  refreshTokenSealed: _refreshToken,
  previousRefreshTokenSealed: _previousRefreshToken,
  refreshTokenLabel: _refreshTokenLabel,
  previousRefreshTokenLabel: _previousRefreshTokenLabel,
  accessTokenLabel: _accessTokenLabel,
  claimsChallengeSealed: _claimsChallenge,
  claimsChallengeLabel: _claimsChallengeLabel,
  lastRequestAt: _lastRequestAt,
  lastRequestOutcome: _lastRequestOutcome,
  writtenBy: _writtenBy,
  leaseOwner: _leaseOwner,
  leaseExpiresAt: _leaseExpiresAt,
  ...readable
} = getTableColumns(grants)
export const grantColumns = readable

type GrantRow = Pick<typeof grants.$inferSelect, keyof typeof readable>

/** Columns that a refresh reads: not the access token, which is long and about to be replaced. */
const { accessTokenSealed: _accessToken, ...withoutAccessToken } = readable
const leasedColumns = {
  ...withoutAccessToken,
  refreshTokenSealed: grants.refreshTokenSealed,
  previousRefreshTokenSealed: grants.previousRefreshTokenSealed,
}

const grantContext = (row: string, column: string) => ({ table: 'grants', row, column })

export const toGrantWithToken = (sealer: Sealer, row: GrantRow): GrantWithToken => ({
  ...toGrant(row),
  openAccessToken: () =>
    sealer.openIfIntact(row.accessTokenSealed, grantContext(row.id, 'access_token')),
})

export function toGrant(row: Omit<GrantRow, 'accessTokenSealed'>): GrantRecord {
  return {
    id: row.id,
    customer: row.customer,
    state: row.state,
    savedAt: time(row.savedAt),
    expiresAt: time(row.expiresAt),
    reservedFor: row.reservedFor,
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
    failedAt: time(row.failedAt),
    problem: problemOf(row),
  }
}

/** Returns the condition that the settings name this app: grants of another cannot be refreshed. */
export const isCurrentApp = ({ clientId, cloud }: Pick<NewGrant, 'clientId' | 'cloud'>): SQL =>
  sql`EXISTS (SELECT 1 FROM ${integrations} WHERE ${integrations.clientId} = ${clientId}
    AND ${integrations.cloud} = ${cloud})`

/** Returns the columns for new tokens, sealed. Leaves the refresh token out when none came. */
export async function sealTokens(sealer: Sealer, id: string, tokens: NewTokens) {
  const [access, refresh] = await Promise.all([
    sealer.seal(tokens.accessToken, grantContext(id, 'access_token')),
    tokens.refreshToken && sealer.seal(tokens.refreshToken, grantContext(id, 'refresh_token')),
  ])
  return {
    accessTokenSealed: access,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt.getTime(),
    ...(refresh && { refreshTokenSealed: refresh }),
  }
}

/** Returns the row of an unsaved grant. */
export const unsavedGrantRow = async (
  sealer: Sealer,
  grant: NewGrant,
  now: Date,
  { expiresAt, reservedFor }: UnsavedUntil,
) => ({
  id: grant.id,
  customer: grant.customer,
  createdAt: now.getTime(),
  expiresAt: expiresAt.getTime(),
  reservedFor,
  clientId: grant.clientId,
  cloud: grant.cloud,
  tenantId: grant.tenantId,
  objectId: grant.objectId,
  accountType: grant.accountType,
  signedInAs: grant.signedInAs,
  scopes: grant.scopes.join(' '),
  protocols: grant.protocols.join(' '),
  refreshedAt: now.getTime(),
  ...(await sealTokens(sealer, grant.id, grant.tokens)),
})

type SealedTokens = Awaited<ReturnType<typeof sealTokens>>

/**
 * Returns a statement that stores the tokens of a new sign-in in an existing grant and cancels the lease
 * of a refresh in progress. It changes nothing if the grant was changed, deleted or moved to another customer since it was
 * read, the settings name another app, or the condition does not hold. `writer` marks the row as written by it.
 */
export const replaceTokens = (
  db: Database,
  { id, version }: Pick<GrantRecord, 'id' | 'version'>,
  fresh: Omit<NewGrant, 'tokens'>,
  sealed: SealedTokens,
  { writer, condition, now }: { writer: string; condition: SQL; now: Date },
) =>
  db
    .update(grants)
    .set({
      ...sealed,
      ...healthy,
      previousRefreshTokenSealed: null,
      claimsChallengeSealed: null,
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
    .where(
      and(
        eq(grants.id, id),
        eq(grants.version, version),
        sql`${grants.customer} IS ${fresh.customer}`,
        isCurrentApp(fresh),
        condition,
      ),
    )

/** Returns a statement that deletes the grant with its last account. */
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

/**
 * Returns the condition for working grants of another app. In ranges, since an index finds nothing by
 * inequality.
 */
export const isFromOtherApp = (clientId: string, cloud: Cloud) => {
  const ranges = [
    sql`${grants.clientId} < ${clientId}`,
    sql`${grants.clientId} > ${clientId}`,
    sql`${grants.clientId} = ${clientId} AND ${grants.cloud} < ${cloud}`,
    sql`${grants.clientId} = ${clientId} AND ${grants.cloud} > ${cloud}`,
  ].map(
    (range) =>
      sql`SELECT rowid FROM ${grants} WHERE ${grants.state} <> 'reconnect_required' AND ${range}`,
  )
  return sql`${grants}.rowid IN (${sql.join(ranges, sql` UNION ALL `)})`
}

export function createGrantStore(db: Database, sealer: Sealer, aloneSince: AloneSince) {
  const byId = once(() =>
    db
      .select()
      .from(grants)
      .where(eq(grants.id, sql.placeholder('id')))
      .prepare(),
  )

  const lastChallenge = once(() => {
    const { mailAccountId, username, delegate } = authorizations
    const accountGrant = sql`${grants.id} = (SELECT ${mailAccounts.grantId} FROM ${mailAccounts}
      WHERE ${mailAccounts.id} = ${mailAccountId} AND lower(${mailAccounts.username}) = lower(${username})
        AND ${mailAccounts.delegate} IS ${delegate})`
    const grantOfPerson = sql`${mailAccountId} IS NULL AND ${grants.customer} IS ${authorizations.customer}
      AND lower(${grants.signedInAs}) = lower(coalesce(${delegate}, ${username}))`
    return db
      .select({
        id: grants.id,
        clientId: grants.clientId,
        cloud: grants.cloud,
        sealed: grants.claimsChallengeSealed,
      })
      .from(authorizations)
      .innerJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .innerJoin(
        grants,
        and(
          or(accountGrant, grantOfPerson),
          isNotNull(grants.claimsChallengeSealed),
          eq(grants.clientId, integrations.clientId),
          eq(grants.cloud, integrations.cloud),
        ),
      )
      .where(eq(authorizations.id, sql.placeholder('id')))
      .orderBy(desc(grants.failedAt))
      .limit(1)
      .prepare()
  })

  return {
    leases: createGrantLeases(db, sealer, aloneSince),

    async read(id: string, scope: AccessScope): Promise<GrantRecord | null> {
      const [row] = isNarrow(scope)
        ? await db
            .select()
            .from(grants)
            .where(and(eq(grants.id, id), grantWithin(scope)))
        : await byId().all({ id })
      return row ? toGrant(row) : null
    },

    /** Returns those that exist, by id. */
    async readMany(ids: readonly string[], scope: AccessScope): Promise<Map<string, GrantRecord>> {
      if (ids.length === 0) return new Map()
      const rows = await db
        .select(grantColumns)
        .from(grants)
        .where(and(sql`${grants.id} IN ${listed(ids)}`, grantWithin(scope)))
      return new Map(rows.map((row) => [row.id, toGrant(row)]))
    },

    async readWithToken(id: string): Promise<GrantWithToken | null> {
      const [row] = await byId().all({ id })
      return row ? toGrantWithToken(sealer, row) : null
    },

    async list(query: GrantQuery, now: Date, scope: AccessScope): Promise<Page<GrantRecord>> {
      const { limit, cursor } = query
      const rows = await db
        .select()
        .from(grants)
        .where(
          and(
            grantWithin(scope),
            ...matching(query, scope, now),
            after(cursor, grants.createdAt, grants.id),
          ),
        )
        .orderBy(...newestFirst(grants.createdAt, grants.id))
        .limit(limit + 1)
      return pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row.id }), toGrant, scope)
    },

    /**
     * Returns the claims challenge that this sign-in must pass on, with the app that it was given to: of the
     * grant of the email account that it names, else of the last refused grant of the person who is expected to
     * sign in. Returns null without one, and for one that does not open: the sign-in is what replaces it.
     */
    async readClaimsChallenge(authorizationId: string): Promise<ClaimsChallenge | null> {
      const [row] = await lastChallenge().all({ id: authorizationId })
      if (!row) return null
      const { clientId, cloud } = row
      try {
        const claims = await sealer.openIfIntact(
          row.sealed,
          grantContext(row.id, 'claims_challenge'),
        )
        return claims === null ? null : { clientId, cloud, claims }
      } catch (error) {
        if (error instanceof KeyMissing) return null
        throw error
      }
    },

    /** Stores an unsaved grant. Returns false, with nothing stored, if the settings name another app by now. */
    async create(
      grant: NewGrant,
      now: Date,
      unsaved: UnsavedUntil,
      event: EventRecord,
    ): Promise<boolean> {
      const row = await unsavedGrantRow(sealer, grant, now, unsaved)
      const [inserted] = await db.batch([
        insertSelect(db, grants, row, sql`WHERE ${isCurrentApp(grant)}`).returning({
          id: grants.id,
        }),
        insertEventIfChanged(db, event),
      ])
      return inserted.length === 1
    },

    /** Returns whether another customer has a saved grant of this tenant. */
    async isTenantOfOther(tenantId: string, customer: string): Promise<boolean> {
      const [row] = await db
        .select({ id: grants.id })
        .from(grants)
        .where(
          and(
            eq(grants.tenantId, tenantId),
            isNotNull(grants.savedAt),
            sql`+${grants.customer} <> ${customer}`,
          ),
        )
        .limit(1)
      return row !== undefined
    },

    /** Returns the ids of the mail accounts that use this grant. */
    async listMailAccounts(id: string): Promise<string[]> {
      const rows = await db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(eq(mailAccounts.grantId, id))
      return rows.map((row) => row.id)
    },

    countFromOtherApps: (clientId: string, cloud: Cloud): Promise<number> =>
      db.$count(grants, and(isNotNull(grants.savedAt), isFromOtherApp(clientId, cloud))),

    /** Counts the saved grants of all apps. */
    countSaved: (): Promise<number> => db.$count(grants, isNotNull(grants.savedAt)),

    /** Returns the saved grant of a personal account of this app that works best: active, and refreshed last. */
    async readPersonal(clientId: string, cloud: Cloud): Promise<GrantRecord | null> {
      // From the latest on: index steps alone, whether most accounts are personal or none is.
      const personal = sql`SELECT rowid FROM ${grants} WHERE ${grants.tenantId} = ${PERSONAL_TENANT}`
      const inState = (state: GrantState) =>
        db
          .select(grantColumns)
          .from(grants)
          .where(
            and(
              eq(grants.state, state),
              isNotNull(grants.savedAt),
              sql`+${grants}.rowid IN (${personal})`,
              sql`+${grants.clientId} = ${clientId} AND ${grants.cloud} = ${cloud}`,
            ),
          )
          .orderBy(desc(grants.refreshedAt))
          .limit(1)
      const [[active], [coolingDown]] = await db.batch([inState('active'), inState('cooling_down')])
      const row = active ?? coolingDown
      return row ? toGrant(row) : null
    },

    /** Returns the last refresh of the saved grant that has been idle for longest. */
    async readIdleSince(): Promise<Date | null> {
      // One index step for each state; one query for both would read the whole index.
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
     * Deletes the grant with its tokens, unless an account uses it. With `detach`, accounts within
     * the scope lose it; one outside it still prevents the deletion. Returns false when nothing
     * was deleted.
     */
    async delete(
      id: string,
      detach: boolean,
      event: EventRecord,
      scope: AccessScope,
    ): Promise<boolean> {
      const unused = sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.grantId} = ${id})`
      const remove = db
        .delete(grants)
        .where(and(eq(grants.id, id), detach ? usedWithinOnly(id, scope) : unused))
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
  }
}

function createGrantLeases(db: Database, sealer: Sealer, aloneSince: AloneSince) {
  const leases = createLeases(db, grants, aloneSince)
  const { isFree, times, look, write, renew, release, isWrittenBy } = leases

  const lease = once(() =>
    db
      .update(grants)
      .set({
        leaseOwner: sql`${sql.placeholder('owner')}`,
        leaseExpiresAt: sql`${sql.placeholder('until')}`,
      })
      .where(and(eq(grants.id, sql.placeholder('id')), isFree))
      .returning(leasedColumns)
      .toSQL(),
  )
  const runWithSettings = withSettings(db, sealer)

  return {
    /**
     * Stores a failure, with its claims challenge if there is one, and releases the lease. Leaves the
     * tokens alone.
     */
    fail: async (
      lease: GrantLease,
      failure: TokenFailure,
      request: TokenRequest | null,
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> => {
      const values = {
        ...failureColumns(failure, lease.record, now),
        ...requestColumns(request),
        ...(failure.claimsChallenge !== null && {
          claimsChallengeSealed: await sealer.seal(
            failure.claimsChallenge,
            grantContext(lease.record.id, 'claims_challenge'),
          ),
        }),
      }
      return write(lease, values, [event])
    },
    look,
    renew,
    release,
    isWrittenBy,

    /**
     * Returns null while another lease is running, or when the row is no longer at `version`. Reads the
     * settings in the same transaction. Throws KeyMissing, with the lease still to be released.
     */
    async acquire(
      id: string,
      version: number,
      owner: string,
      now: Date,
      until: Date,
    ): Promise<GrantLease | null> {
      const leased = await runWithSettings(
        filled(lease(), { id, version, owner, ...times(now), until: until.getTime() }),
      )
      if (!leased) return null
      const row = mapRow(leasedColumns, leased.row)
      // The previous token was sealed as the current one, so it has that column's name.
      const context = grantContext(id, 'refresh_token')
      const [refreshToken, previousRefreshToken] = await Promise.all([
        sealer.openIfIntact(row.refreshTokenSealed, context),
        sealer.openIfIntact(row.previousRefreshTokenSealed, context),
      ])
      return {
        record: toGrant(row),
        owner,
        settings: leased.settings,
        refreshToken,
        previousRefreshToken,
      }
    },

    /**
     * Stores the tokens and protocols of a refresh and releases the lease. When Entra rotated the refresh
     * token, the one that has just worked (`used`) becomes the previous one. Returns false when the fence
     * rejected the write.
     */
    async store(
      lease: GrantLease,
      tokens: NewTokens & { protocols: readonly Protocol[] },
      used: 'current' | 'previous',
      now: Date,
      events: readonly (EventRecord | null)[],
    ): Promise<boolean> {
      const values = {
        ...(await sealTokens(sealer, lease.record.id, tokens)),
        ...healthy,
        ...requestColumns({ at: now, outcome: 'succeeded' }),
        claimsChallengeSealed: null,
        ...(tokens.refreshToken !== null &&
          used === 'current' && {
            previousRefreshTokenSealed: grants.refreshTokenSealed,
          }),
        protocols: tokens.protocols.join(' '),
        refreshedAt: now.getTime(),
      }
      return write(lease, values, events)
    },
  }
}

function matching(
  { username, status }: GrantQuery,
  scope: AccessScope,
  now: Date,
): (SQL | undefined)[] {
  const unexpired = gt(grants.expiresAt, now.getTime())
  const lowerName: Filter = [
    sql`lower(${grants.signedInAs})`,
    username === undefined ? undefined : sql`lower(${username})`,
  ]
  if (status === 'unsaved') {
    // These are few. In the order of the page, every saved grant would come between them.
    const unsaved = sql`${grants}.rowid IN (SELECT rowid FROM ${grants}
      WHERE ${grants.savedAt} IS NULL AND ${unexpired})`
    return [unsaved, ...filteredBy([lowerName, [grants.state, 'active']], false)]
  }
  return [
    status === 'active' ? isNotNull(grants.savedAt) : or(isNotNull(grants.savedAt), unexpired),
    ...filteredBy([lowerName, [grants.state, status]], !isNarrow(scope)),
  ]
}
