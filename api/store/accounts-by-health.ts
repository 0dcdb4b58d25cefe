/**
 * Accounts by health, a page at a time, however many there are and however few match. The facts that
 * decide the health are the columns of two indexes, so the accounts with each combination of facts lie in
 * the order of creation: the first few of each combination are read, and merged.
 */
import { and, count, eq, isNotNull, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { type Cursor, readCursor } from '../../schema/cursor.ts'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { integrations, mailAccounts } from '../../schema/d1/tables.ts'
import { GrantStatus } from '../../schema/grant.ts'
import {
  HEALTH_BY_URGENCY,
  Health,
  type MailAccountQuery,
  type MailAccountSort,
} from '../../schema/mail-account.ts'
import { Outcome } from '../../schema/probe.ts'
import type { AppTokenRecord } from '../model/grant.ts'
import {
  DEFAULT_HEALTH,
  HEALTH_RULES,
  type HealthFacts,
  healthOf,
} from '../model/loaded-mail-account.ts'
import type { Page } from '../model/storage.ts'
import { appTokenOf } from './app-tokens.ts'
import type { Database } from './database.ts'
import { beyond, orderBy, pageOf, type RowOrder } from './pages.ts'

type SortKey = Exclude<MailAccountSort, `-${string}`>

/** Values compared before creation time and id. Indexes have those of `username` and `checked_at`. */
const compared: Record<SortKey, SQLWrapper | null> = {
  created_at: null,
  username: sql`lower(${mailAccounts.username})`,
  checked_at: mailAccounts.validatedAt,
  health: sql`urgency`,
}

export const sortKeyOf = (sort: MailAccountSort) => sort.replace('-', '') as SortKey

export function accountOrder(sort: MailAccountSort): RowOrder {
  const key = sortKeyOf(sort)
  const first = compared[key]
  return {
    by: [...(first ? [first] : []), mailAccounts.createdAt, mailAccounts.id],
    // The greatest urgency comes first.
    direction: (key === 'health') === sort.startsWith('-') ? 'ascending' : 'descending',
  }
}

/** Returns the values of the cursor in the order that they are compared, or null without a cursor. */
export function positionOf(cursor: string | undefined): unknown[] | null {
  const position = cursor === undefined ? null : readCursor(cursor)
  if (!position) return null
  const { at, id, sorted } = position
  if (!sorted || sorted.key === '') return [at, id]
  // SQLite compares the address with its own lower(), which leaves letters outside ASCII alone.
  const isAddress = sortKeyOf(sorted.by as MailAccountSort) === 'username'
  return [isAddress ? sql`lower(${sorted.key})` : Number(sorted.key), at, id]
}

type Sorted = { createdAt: number; id: string }

/** Returns the position of a row as a cursor holds it; `key` is the value compared first. */
export const cursorOf = (
  sort: MailAccountSort,
  { createdAt, id }: Sorted,
  key: string | number,
): Cursor => ({
  at: createdAt,
  id,
  ...(sort !== '-created_at' && {
    sorted: { by: sort, key: sortKeyOf(sort) === 'created_at' ? '' : `${key}` },
  }),
})

type GrantState = HealthFacts['grantState']
type Tenant = { tenant: string; state: AppTokenRecord['state'] | null }
type Combination = { condition: SQL; health: Health }

const outcomes = [null, ...Outcome.options]
const grantStates: readonly GrantState[] = [
  null,
  ...GrantStatus.options.filter((status) => status !== 'unsaved'),
]

/** Number of accounts with each health. */
export type HealthCounts = Record<Health, number>

export function createAccountsByHealth(db: Database) {
  const readActive = () =>
    db
      .select({ active: integrations.active })
      .from(integrations)
      .where(eq(integrations.id, 'microsoft'))
  const readTenants = () =>
    db
      .select({ tenant: sql<string>`tenant`, state: sql<Tenant['state']>`state` })
      .from(appOnlyTenants)

  return {
    /**
     * Returns the ids of a page, sorted by creation time or health, of accounts that have the query's health
     * and meet the other conditions.
     */
    async page(
      { health: wanted = Health.options, sort, limit, cursor }: MailAccountQuery,
      others: readonly (SQL | undefined)[],
    ): Promise<Page<string>> {
      const [[integration], tenants] = await db.batch([readActive(), readTenants()])
      const byUrgency = sortKeyOf(sort) === 'health'
      const { direction } = accountOrder(sort)
      const order = { by: [mailAccounts.createdAt, mailAccounts.id], direction }
      const sign = direction === 'ascending' ? 1 : -1
      const position = positionOf(cursor)
      const select = ({ condition, health }: Combination) => {
        // All accounts of a combination are compared by the same first value.
        const key = byUrgency ? urgencyOf(health) : 0
        const distance = position && byUrgency ? (key - Number(position[0])) * sign : 0
        if (distance < 0) return []
        const after = position && distance === 0 ? beyond(order, position.slice(-2)) : undefined
        return [
          db
            .select({
              id: mailAccounts.id,
              createdAt: mailAccounts.createdAt,
              key: sql<number>`${key}`,
            })
            .from(mailAccounts)
            .where(and(condition, ...others, after))
            .orderBy(...orderBy(order))
            .limit(limit + 1),
        ]
      }
      const [first, ...rest] = combinations(integration?.active ?? false, tenants)
        .filter(({ health }) => wanted.includes(health))
        .flatMap(select)
      const found = first ? (await db.batch([first, ...rest])).flat() : []
      const sorted = found.toSorted(
        (a, b) => sign * (a.key - b.key || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
      )
      return pageOf(
        sorted.slice(0, limit + 1),
        limit,
        (row) => cursorOf(sort, row, row.key),
        ({ id }) => id,
      )
    },

    /** Counts the accounts that meet the conditions, by the two indexes. */
    async count(conditions: readonly (SQL | undefined)[]): Promise<HealthCounts> {
      const {
        authentication,
        grantState,
        lastValidationOutcome: lastOutcome,
        tenant,
      } = mailAccounts
      const accounts = count().as('accounts')
      const [[integration], tenants, own, appOnly] = await db.batch([
        readActive(),
        readTenants(),
        db
          .select({ authentication, grantState, lastOutcome, accounts })
          .from(mailAccounts)
          .where(and(...conditions))
          .groupBy(authentication, grantState, lastOutcome),
        db
          .select({ tenant, lastOutcome, accounts })
          .from(mailAccounts)
          .where(and(isNotNull(tenant), ...conditions))
          .groupBy(tenant, lastOutcome),
      ])
      const facts = { integrationActive: integration?.active ?? false, appTokenState: null }
      const stateOf = new Map(tenants.map(({ tenant, state }) => [tenant, state]))
      const counts = Object.fromEntries(Health.options.map((health) => [health, 0])) as HealthCounts
      for (const group of own) {
        if (group.authentication === 'app_only') continue
        counts[healthOf({ ...facts, ...group })] += group.accounts
      }
      for (const { tenant, ...group } of appOnly) {
        const appTokenState = stateOf.get(tenant ?? '') ?? null
        const authentication = 'app_only'
        counts[healthOf({ ...facts, ...group, authentication, grantState: null, appTokenState })] +=
          group.accounts
      }
      return counts
    },
  }
}

/** The tenants of app-only accounts, which are few, with the state of the app's token: one index step each. */
const appOnlyTenants = sql`(
  WITH RECURSIVE found(tenant) AS (
    SELECT (SELECT min(tenant) FROM ${mailAccounts} WHERE tenant IS NOT NULL)
    UNION ALL
    SELECT (SELECT min(tenant) FROM ${mailAccounts} WHERE tenant > found.tenant)
    FROM found WHERE found.tenant IS NOT NULL)
  SELECT found.tenant, ${appTokens.state} AS state FROM found
  LEFT JOIN ${integrations} ON ${integrations.id} = 'microsoft'
  LEFT JOIN ${appTokens} ON ${appTokenOf(sql`found.tenant`)}
  WHERE found.tenant IS NOT NULL)`

/** Returns a condition for each combination of facts, each found in the order of creation, and its health. */
function combinations(integrationActive: boolean, tenants: readonly Tenant[]): Combination[] {
  const own = (authentication: 'oauth' | 'password', grantState: GrantState) =>
    outcomes.map((lastOutcome) => ({
      health: healthOf({
        authentication,
        integrationActive,
        grantState,
        appTokenState: null,
        lastOutcome,
      }),
      condition: sql`${mailAccounts.authentication} = ${authentication} AND ${mailAccounts.grantState} IS ${grantState}
        AND ${mailAccounts.lastValidationOutcome} IS ${lastOutcome}`,
    }))
  const ofTenant = ({ tenant, state }: Tenant) =>
    outcomes.map((lastOutcome) => ({
      health: healthOf({
        authentication: 'app_only',
        integrationActive,
        grantState: null,
        appTokenState: state,
        lastOutcome,
      }),
      condition: sql`${mailAccounts.tenant} = ${tenant} AND ${mailAccounts.lastValidationOutcome} IS ${lastOutcome}`,
    }))
  return [
    ...grantStates.flatMap((state) => own('oauth', state)),
    ...own('password', null),
    ...tenants.flatMap(ofTenant),
  ]
}

// The rules of model/loaded-mail-account.ts in SQL, so that accounts can be filtered, sorted and counted by health.

type Facts = Omit<HealthFacts, 'appTokenState'>

/**
 * The facts that decide the health. A missing boolean counts as false. SQLite evaluates the subqueries once in a
 * statement, not for each account.
 */
const facts: Record<keyof Facts, SQLWrapper> = {
  authentication: mailAccounts.authentication,
  integrationActive: sql`coalesce((SELECT ${integrations.active} FROM ${integrations} WHERE ${integrations.id} = 'microsoft'), 0)`,
  grantState: mailAccounts.grantState,
  lastOutcome: mailAccounts.lastValidationOutcome,
}

const appTokenIs = (state: HealthFacts['appTokenState']): SQL =>
  sql`${mailAccounts.tenant} IN (SELECT ${appTokens.tenant} FROM ${integrations}, ${appTokens}
    WHERE ${integrations.id} = 'microsoft' AND ${appTokenOf(appTokens.tenant)} AND ${appTokens.state} = ${state})`

const conditionsOf = ({ appTokenState, ...when }: Partial<HealthFacts>): SQL[] => [
  ...Object.entries(when).map(
    ([name, value]) =>
      sql`${facts[name as keyof Facts]} IS ${typeof value === 'boolean' ? Number(value) : value}`,
  ),
  ...(appTokenState === undefined ? [] : [appTokenIs(appTokenState)]),
]

/** Urgency as a number, 0 for the least urgent health. */
export const urgencyOf = (health: Health): number =>
  HEALTH_BY_URGENCY.length - 1 - HEALTH_BY_URGENCY.indexOf(health)

/**
 * The urgency of an account. Queries name it once, since it has a third of the parameters that D1 accepts, and refer to
 * its alias.
 */
export const urgency = sql<number>`CASE ${sql.join(
  HEALTH_RULES.map(
    ({ when, health }) => sql`WHEN ${and(...conditionsOf(when))} THEN ${urgencyOf(health)}`,
  ),
  sql` `,
)} ELSE ${urgencyOf(DEFAULT_HEALTH)} END`.as('urgency')
