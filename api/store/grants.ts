/** Grants with their tokens and claims challenges, each of which is sealed for its row and column. */
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  isNotNull,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm'
import {
  authorizations,
  grants,
  grantTokens,
  integrations,
  mailAccounts,
} from '../../schema/d1/tables.ts'
import type { GrantQuery } from '../../schema/grant.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { type Resource, resourceOf } from '../../schema/protocols.ts'
import type { AccessScope } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import {
  type ClaimsChallenge,
  type GrantLease,
  type GrantRecord,
  type GrantState,
  type GrantWithToken,
  type IssuedTokens,
  type NewGrant,
  neverGranted,
  type RefreshedTokens,
  type TokenFailure,
  type TokenRequest,
  type UnsavedUntil,
  type WholeGrant,
  wholeGrant,
} from '../model/grant.ts'
import type { AloneSince, Page } from '../model/storage.ts'
import { KeyMissing } from '../model/storage.ts'
import { grantWithin, isNarrow, usedWithinOnly } from './access-scope.ts'
import {
  type Database,
  insertRows,
  insertSelect,
  jsonOf,
  listed,
  mapValues,
  once,
  type Row,
} from './database.ts'
import { writeWithEvent } from './events.ts'
import { createLeases, failureColumns, healthy, requestColumns, withProblem } from './leases.ts'
import { after, byCreation, type Filter, filteredBy, newestFirst, pageOf } from './pagination.ts'
import type { Sealer } from './seal.ts'
import { settingsColumn, toSettings } from './settings.ts'

/** The columns that a refresh needs, with those that explain its refusal. */
export const refreshableColumns = {
  id: grants.id,
  customer: grants.customer,
  clientId: grants.clientId,
  cloud: grants.cloud,
  tenantId: grants.tenantId,
  accountType: grants.accountType,
  signedInAs: grants.signedInAs,
  scopes: grants.scopes,
  covered: grants.covered,
  version: grants.version,
}
export const grantColumns = {
  ...refreshableColumns,
  savedAt: grants.savedAt,
  expiresAt: grants.expiresAt,
  reservedFor: grants.reservedFor,
  createdAt: grants.createdAt,
  objectId: grants.objectId,
}

/** None has the name of a column of the grant, since D1 returns only one of the two in a batch. */
const {
  grantId: _grantId,
  accessTokenLabel: _accessTokenLabel,
  ...sealed
} = getTableColumns(grantTokens)
/** The columns that are read to issue a token or to log in with it. */
export const sealedTokenColumns = sealed

const { accessTokenSealed: _accessToken, ...readable } = sealed
/** The columns that all other queries need, without the long access token. */
export const grantTokenColumns = readable

/** Columns that a refresh reads. */
const leasedColumns = {
  ...grantColumns,
  refreshTokenSealed: grants.refreshTokenSealed,
  previousRefreshTokenSealed: grants.previousRefreshTokenSealed,
}

const tokenJson = jsonOf('one', grantTokenColumns)

/** The grant's token for one resource, as JSON, since a further statement would count against D1's limit. */
const leasedToken = sql`(SELECT ${tokenJson} FROM grant_tokens AS one
  WHERE one.grant_id = grants.id AND one.resource = ${sql.placeholder('resource')})`.mapWith(
  (text: string): TokenRow | null => mapValues(grantTokenColumns, JSON.parse(text) as unknown[]),
)

const grantContext = (row: string, column: string) => ({ table: 'grants', row, column })

const accessTokenContext = (id: string, resource: Resource) => ({
  table: 'grant_tokens',
  row: `${id}|${resource}`,
  column: 'access_token',
})

/** Returns the condition that joins a grant with its token for this resource. */
export const tokenOfGrant = (grantId: SQLWrapper, resource: SQLWrapper): SQL =>
  sql`${grantTokens.grantId} = ${grantId} AND ${grantTokens.resource} = ${resource}`

/** The condition that joins a grant with its token in the best state, which a trigger copies to the grant. */
export const bestTokenOfGrant = tokenOfGrant(
  grants.id,
  sql`(SELECT best.resource FROM ${grantTokens} AS best WHERE best.grant_id = ${grants.id}
    ORDER BY instr('active cooling_down blocked reconnect_required', best.state), best.resource DESC LIMIT 1)`,
)

/** All tokens of a grant as JSON, so that one statement reads a page of grants with them. */
export const grantTokenList = sql`(SELECT json_group_array(${tokenJson}) FROM grant_tokens AS one
  WHERE one.grant_id = grants.id)`.mapWith((text: string) =>
  (JSON.parse(text) as unknown[][]).map((values) => mapValues(grantTokenColumns, values)),
)

type GrantRow = Row<typeof grantColumns>
type TokenRow = Row<typeof grantTokenColumns>
type Sealed = Pick<typeof grantTokens.$inferSelect, 'accessTokenSealed'>

/**
 * Returns the grant for accounts that need a token for this resource. `token` is null if the person never consented.
 */
export const toGrant = (
  grant: GrantRow,
  token: TokenRow | null,
  resource: Resource,
): GrantRecord => (token ? { ...grant, ...withProblem(token) } : neverGranted(grant, resource))

/** Returns such a grant with the stored access token, and otherwise only what was selected. */
export function withAccessToken<
  Grant extends { id: string },
  Token extends Omit<TokenRow, 'resource' | 'wider'> & Sealed,
>(sealer: Sealer, grant: Grant, token: Token | null, resource: Resource) {
  const openAccessToken = () =>
    sealer.openIfIntact(token?.accessTokenSealed ?? null, accessTokenContext(grant.id, resource))
  if (!token) return { ...neverGranted(grant, resource), openAccessToken }
  const { accessTokenSealed: _sealed, ...state } = token
  return { ...grant, ...withProblem(state), resource, openAccessToken }
}

/** Returns the grant with all its tokens. */
export function toWholeGrant(row: GrantRow, tokens: readonly TokenRow[]): WholeGrant {
  const [first = neverGranted(row, 'outlook'), ...others] = tokens.map((token) => ({
    ...row,
    ...withProblem(token),
  }))
  return wholeGrant([first, ...others])
}

/** Returns the condition that the settings have this app, since grants of another one cannot be refreshed. */
export const isCurrentApp = ({ clientId, cloud }: Pick<NewGrant, 'clientId' | 'cloud'>): SQL =>
  sql`EXISTS (SELECT 1 FROM ${integrations} WHERE ${integrations.clientId} = ${clientId}
    AND ${integrations.cloud} = ${cloud})`

/** Returns the columns of the grant and of the access token for new tokens. Without a new refresh token, the stored one stays. */
async function sealTokens(sealer: Sealer, id: string, tokens: IssuedTokens, now: Date) {
  const [access, refresh] = await Promise.all([
    sealer.seal(tokens.accessToken, accessTokenContext(id, tokens.resource)),
    tokens.refreshToken && sealer.seal(tokens.refreshToken, grantContext(id, 'refresh_token')),
  ])
  return {
    grant: { ...(refresh && { refreshTokenSealed: refresh }), refreshedAt: now },
    token: {
      ...healthy,
      protocols: tokens.protocols,
      wider: tokens.wider,
      accessTokenSealed: access,
      accessTokenExpiresAt: tokens.accessTokenExpiresAt,
      refreshedAt: now,
    },
  }
}

/**
 * Returns the rows of a new sign-in's access tokens. Those for further resources have no token until one is requested.
 */
async function newTokenRows(sealer: Sealer, id: string, fresh: NewGrant, now: Date) {
  const { resource, wider, tokens } = fresh
  const at = (one: Resource) => fresh.protocols.filter((protocol) => resourceOf(protocol) === one)
  const issued = { ...tokens, resource, protocols: at(resource), wider }
  const { grant, token } = await sealTokens(sealer, id, issued, now)
  const others = (['outlook', 'graph'] as const).filter(
    (other) => other !== resource && at(other).length > 0,
  )
  return {
    grant,
    tokens: [
      { grantId: id, resource, ...token },
      ...others.map((other) => ({
        grantId: id,
        resource: other,
        ...healthy,
        protocols: at(other),
        wider: [],
      })),
    ],
  }
}

/** Returns the row of an unsaved grant, and those of its access tokens. */
export async function unsavedGrantRows(
  sealer: Sealer,
  fresh: NewGrant,
  now: Date,
  unsaved: UnsavedUntil,
) {
  const { grant, tokens } = await newTokenRows(sealer, fresh.id, fresh, now)
  const {
    tokens: _tokens,
    resource: _resource,
    protocols: _protocols,
    wider: _wider,
    ...row
  } = fresh
  return { grant: { ...row, ...unsaved, createdAt: now, ...grant }, tokens }
}

/**
 * Returns a statement for a batch that stores the rows of access tokens, if the condition holds. `values`: members that
 * a stored row takes over; by default all.
 */
export const putTokens = (
  db: Database,
  rows: readonly (typeof grantTokens.$inferInsert)[],
  condition: SQL,
  values: object = rows[0] ?? {},
) => {
  const replaced = Object.entries(getTableColumns(grantTokens)).flatMap(([key, { name }]) =>
    key in values && !['grantId', 'resource'].includes(key)
      ? [[key, sql`excluded.${sql.identifier(name)}`]]
      : [],
  )
  return insertRows(db, grantTokens, rows, sql`WHERE ${condition}`).onConflictDoUpdate({
    target: [grantTokens.grantId, grantTokens.resource],
    set: Object.fromEntries(replaced),
  })
}

/** Returns the condition that the grant has this version and was written by this writer. */
const existsAs = (id: string, version: number, writer: string): SQL =>
  sql`EXISTS (SELECT 1 FROM ${grants} WHERE ${grants.id} = ${id}
    AND ${grants.version} = ${version} AND ${grants.writtenBy} = ${writer})`

/**
 * Returns statements for a batch that store the tokens of a new sign-in in an existing grant: `ofGrant`, which also
 * cancels the lease of a refresh in progress, and after it `ofTokens`. They change nothing if the grant was changed,
 * deleted or moved to another customer since it was read, if the settings have another app, or if the condition does not
 * hold. `isReplaced` is the condition that `writer` has written the grant. Tokens for other resources than those of the
 * sign-in stay as they are.
 */
export async function replaceTokens(
  db: Database,
  sealer: Sealer,
  { id, version }: Pick<GrantRecord, 'id' | 'version'>,
  fresh: NewGrant,
  { writer, condition, now }: { writer: string; condition: SQL; now: Date },
) {
  const rows = await newTokenRows(sealer, id, fresh, now)
  const isReplaced = existsAs(id, version + 1, writer)
  return {
    isReplaced,
    ofGrant: db
      .update(grants)
      .set({
        ...rows.grant,
        previousRefreshTokenSealed: null,
        claimsChallengeSealed: null,
        signedInAs: fresh.signedInAs,
        scopes: fresh.scopes,
        clientId: fresh.clientId,
        cloud: fresh.cloud,
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
      ),
    ofTokens: putTokens(db, rows.tokens, isReplaced),
  }
}

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
 * Returns the condition for working grants of another app. Written as ranges, since an index cannot be searched for
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
  const select = () =>
    db.select({ grant: grantColumns, tokens: grantTokenList.as('tokens') }).from(grants)
  const toWhole = ({ grant, tokens }: Awaited<ReturnType<typeof select>>[number]) =>
    toWholeGrant(grant, tokens)

  const byIdWithToken = once(() =>
    db
      .select({ grant: grantColumns, token: sealedTokenColumns })
      .from(grants)
      .leftJoin(grantTokens, tokenOfGrant(grants.id, sql`${sql.placeholder('resource')}`))
      .where(eq(grants.id, sql.placeholder('id')))
      .prepare(),
  )

  const lastChallenge = (authorizationId: string) => {
    const { mailAccountId, username, delegate } = authorizations
    const accountGrant = sql`${grants.id} = (SELECT ${mailAccounts.grantId} FROM ${mailAccounts}
      WHERE ${mailAccounts.id} = ${mailAccountId} AND lower(${mailAccounts.username}) = lower(${username})
        AND ${mailAccounts.delegate} IS ${delegate})`
    const lastFailure = sql`(SELECT max(${grantTokens.failedAt}) FROM ${grantTokens}
      WHERE ${grantTokens.grantId} = ${grants.id})`
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
      .where(eq(authorizations.id, authorizationId))
      .orderBy(desc(lastFailure))
      .limit(1)
  }

  return {
    leases: createGrantLeases(db, sealer, aloneSince),

    async read(id: string, scope: AccessScope): Promise<WholeGrant | null> {
      const [row] = await select().where(and(eq(grants.id, id), grantWithin(scope)))
      return row ? toWhole(row) : null
    },

    /** Returns those that exist, by id. */
    async readMany(ids: readonly string[], scope: AccessScope): Promise<Map<string, WholeGrant>> {
      if (ids.length === 0) return new Map()
      const rows = await select().where(
        and(sql`${grants.id} IN ${listed(ids)}`, grantWithin(scope)),
      )
      return new Map(rows.map((row) => [row.grant.id, toWhole(row)]))
    },

    async readWithToken(id: string, resource: Resource): Promise<GrantWithToken | null> {
      const [row] = await byIdWithToken().all({ id, resource })
      return row ? withAccessToken(sealer, row.grant, row.token, resource) : null
    },

    async list(query: GrantQuery, now: Date, scope: AccessScope): Promise<Page<WholeGrant>> {
      const { limit, cursor } = query
      const rows = await select()
        .where(
          and(
            grantWithin(scope),
            ...matching(query, scope, now),
            after(cursor, grants.createdAt, grants.id),
          ),
        )
        .orderBy(...newestFirst(grants.createdAt, grants.id))
        .limit(limit + 1)
      return pageOf(rows.map(toWhole), limit, byCreation, scope)
    },

    /**
     * Returns the claims challenge that this sign-in must pass on, with the app that received it. It comes from the
     * grant of the sign-in's email account, or else from the last refused grant of the expected person. Returns null if
     * there is none, or if it cannot be decrypted, since the sign-in replaces it.
     */
    async readClaimsChallenge(authorizationId: string): Promise<ClaimsChallenge | null> {
      const [row] = await lastChallenge(authorizationId)
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

    /** Stores an unsaved grant. Returns false, with nothing stored, if the settings have another app by now. */
    async create(
      grant: NewGrant,
      now: Date,
      unsaved: UnsavedUntil,
      event: EventRecord,
    ): Promise<boolean> {
      const rows = await unsavedGrantRows(sealer, grant, now, unsaved)
      return writeWithEvent(
        db,
        insertSelect(db, grants, rows.grant, sql`WHERE ${isCurrentApp(grant)}`),
        event,
        putTokens(db, rows.tokens, isCurrentApp(grant)),
      )
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

    /**
     * Returns when the active or cooling-down saved grant that has been idle for longest was refreshed; null without
     * one.
     */
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
      const clear = db
        .update(mailAccounts)
        .set({ grantId: null, version: sql`${mailAccounts.version} + 1`, updatedAt: event.at })
        .where(
          and(
            eq(mailAccounts.grantId, id),
            sql`NOT EXISTS (SELECT 1 FROM ${grants} WHERE ${grants.id} = ${id})`,
          ),
        )
      return writeWithEvent(db, remove, event, ...(detach ? [clear] : []))
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
      .returning({
        ...leasedColumns,
        token: leasedToken.as('token'),
        settings: settingsColumn.as('settings'),
      })
      .prepare(),
  )

  /** Returns a statement that stores the leased token if the holder of the lease has just written its grant. */
  const putToken = (
    { record, owner }: GrantLease,
    values: Partial<typeof grantTokens.$inferInsert>,
  ) => {
    const { id, resource, version } = record
    const row = { grantId: id, resource, protocols: [], ...values }
    return putTokens(db, [row], existsAs(id, version + 1, owner), values)
  }

  /** Returns the columns of the grant for new tokens, and those of the token itself. */
  async function issued({ record }: GrantLease, tokens: RefreshedTokens, now: Date) {
    const { grant, token } = await sealTokens(sealer, record.id, tokens, now)
    const isRotated = tokens.refreshToken !== null && tokens.used === 'current'
    return {
      grant: {
        ...grant,
        ...(isRotated && { previousRefreshTokenSealed: grants.refreshTokenSealed }),
        scopes: tokens.scopes,
      },
      token,
    }
  }

  return {
    /**
     * Stores a failure, with its claims challenge if there is one, and releases the lease. Leaves the tokens alone.
     */
    fail: async (
      lease: GrantLease,
      failure: TokenFailure,
      request: TokenRequest | null,
      now: Date,
      event: EventRecord | null,
    ): Promise<boolean> => {
      const values = {
        ...requestColumns(request),
        ...(failure.claimsChallenge !== null && {
          claimsChallengeSealed: await sealer.seal(
            failure.claimsChallenge,
            grantContext(lease.record.id, 'claims_challenge'),
          ),
        }),
      }
      const columns = failureColumns(failure, lease.record, now)
      return write(lease, values, [event], [putToken(lease, columns)])
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
      resource: Resource,
      version: number,
      owner: string,
      now: Date,
      until: Date,
    ): Promise<GrantLease | null> {
      const values = { id, resource, version, owner, ...times(now), until }
      const [row] = await lease().all(values)
      if (!row) return null
      const { token, settings, refreshTokenSealed, previousRefreshTokenSealed, ...grant } = row
      // The previous token was sealed as the current one, so it has that column's name.
      const context = grantContext(id, 'refresh_token')
      const [refreshToken, previousRefreshToken] = await Promise.all([
        sealer.openIfIntact(refreshTokenSealed, context),
        sealer.openIfIntact(previousRefreshTokenSealed, context),
      ])
      return {
        record: toGrant(grant, token, resource),
        owner,
        settings: toSettings(sealer, settings),
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
      tokens: RefreshedTokens,
      now: Date,
      events: readonly (EventRecord | null)[],
    ): Promise<boolean> {
      const { grant, token } = await issued(lease, tokens, now)
      const { problem } = lease.record
      // Otherwise the challenge belongs to another resource, which still waits for a sign-in.
      const isChallenged = problem !== null && problem.code !== 'provider_unavailable'
      const values = {
        ...grant,
        ...requestColumns({ at: now, outcome: 'succeeded' }),
        ...(isChallenged && { claimsChallengeSealed: null }),
      }
      return write(lease, values, events, [putToken(lease, token)])
    },
  }
}

function matching(
  { username, status }: GrantQuery,
  scope: AccessScope,
  now: Date,
): (SQL | undefined)[] {
  const unexpired = gt(grants.expiresAt, now)
  const lowerName: Filter = [
    sql`lower(${grants.signedInAs})`,
    username === undefined ? undefined : sql`lower(${username})`,
  ]
  if (status === 'unsaved') {
    // Unsaved grants are few, and in the order of the page, SQLite would read every saved grant between them.
    const unsaved = sql`${grants}.rowid IN (SELECT rowid FROM ${grants}
      WHERE ${grants.savedAt} IS NULL AND ${unexpired})`
    return [unsaved, ...filteredBy([lowerName, [grants.state, 'active']], false)]
  }
  return [
    status === 'active' ? isNotNull(grants.savedAt) : or(isNotNull(grants.savedAt), unexpired),
    ...filteredBy([lowerName, [grants.state, status]], !isNarrow(scope)),
  ]
}
