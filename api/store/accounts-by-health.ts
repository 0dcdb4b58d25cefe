/**
 * The orders of accounts, and their health in SQL. A page by health evaluates the rules for every account and sorts
 * what it finds. At 100,000 accounts that takes 25 to 40 ms on Node, and D1 bills each row once or twice. Statements
 * that read only the page, one for each combination of facts, took 2 to 8 ms but twice the code.
 */
import { and, eq, isNotNull, ne, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { type Cursor, readCursor } from '../../schema/cursor.ts'
import { appTokens, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import {
  HEALTH_BY_URGENCY,
  Health,
  MAILBOX_ORDER,
  type MailAccountSort,
} from '../../schema/mail-account.ts'
import { Protocol } from '../../schema/mail-servers.ts'
import { resourceOf } from '../../schema/protocols.ts'
import {
  DEFAULT_HEALTH,
  HEALTH_RULES,
  type HealthFacts,
  healthOf,
} from '../model/loaded-mail-account.ts'
import { appTokenOf } from './app-tokens.ts'
import type { Database } from './database.ts'
import { byCreation, type RowOrder } from './pagination.ts'

/** The mailbox in the form in which mailboxes are compared. */
export const mailbox = sql<string>`lower(${mailAccounts.username})`

type SortKey = Exclude<MailAccountSort, `-${string}`>

/** The value that is compared first, before creation time and id. `username` and `checked_at` have an index. */
const compared: Record<SortKey, SQLWrapper | null> = {
  created_at: null,
  username: mailbox,
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

/** The order of mailboxes. Without coalesce(), the comparison with a cursor would be unknown for null. */
export const mailboxOrder: RowOrder = {
  by: [mailbox, sql`coalesce(${mailAccounts.customer}, '')`],
  direction: 'ascending',
}

type Mailbox = { username: string; customer: string | null }

export const cursorOfMailbox = ({ username, customer }: Mailbox): Cursor => ({
  at: 0,
  id: '0',
  sorted: { by: MAILBOX_ORDER, key: `${customer ?? ''} ${username}` },
})

/** Returns the values of the cursor in the order of mailboxes, or null without a cursor. */
export function positionOfMailbox(cursor: string | undefined): unknown[] | null {
  const key = cursor === undefined ? undefined : readCursor(cursor)?.sorted?.key
  if (key === undefined) return null
  const [customer = '', username = ''] = key.split(' ')
  return [sql`lower(${username})`, customer]
}

/** Returns the position of a row as a cursor holds it. `keys`: the value compared first, by sort key. */
export const cursorOf = (
  sort: MailAccountSort,
  row: { createdAt: Date; id: string },
  keys: Record<SortKey, string | number>,
): Cursor => ({
  ...byCreation(row),
  ...(sort !== '-created_at' && { sorted: { by: sort, key: `${keys[sortKeyOf(sort)]}` } }),
})

export type HealthCounts = Record<Health, number>

/** Returns the counts of rows that were grouped by urgency. */
export const healthCounts = (groups: readonly { urgency: number; count: number }[]) =>
  Object.fromEntries(
    Health.options.map((health) => [
      health,
      groups.find(({ urgency }) => urgency === urgencyOf(health))?.count ?? 0,
    ]),
  ) as HealthCounts

/** Columns that count the rows with each value. */
export const countsBy = <Value extends string>(column: SQLiteColumn, values: readonly Value[]) =>
  Object.fromEntries(
    values.map((value) => [
      value,
      sql<number>`count(*) FILTER (WHERE ${column} = ${value})`.as(value),
    ]),
  ) as Record<Value, SQL.Aliased<number>>

/** Counts the accounts that meet the conditions, by two indexes, without evaluating the rules for each. */
export async function countByHealth(
  db: Database,
  conditions: readonly (SQL | undefined)[],
): Promise<HealthCounts> {
  const counts = healthCounts([])
  for (const each of Object.values(await countByProtocol(db, conditions))) {
    for (const health of Health.options) counts[health] += each[health]
  }
  return counts
}

/** Counts the accounts of each protocol by health. */
export async function countByProtocol(
  db: Database,
  conditions: readonly (SQL | undefined)[],
): Promise<Record<Protocol, HealthCounts>> {
  const { authentication, grantState, lastValidationOutcome: lastOutcome, tenant } = mailAccounts
  // Counted in columns, since SQLite would have to sort groups.
  const accounts = countsBy(mailAccounts.protocol, Protocol.options)
  const [[integration], tokens, own, appOnly] = await db.batch([
    db
      .select({ active: integrations.active })
      .from(integrations)
      .where(eq(integrations.id, 'microsoft')),
    db
      .select({ tenant: appTokens.tenant, resource: appTokens.resource, state: appTokens.state })
      .from(integrations)
      .innerJoin(appTokens, isCurrentToken)
      .where(eq(integrations.id, 'microsoft')),
    db
      .select({ authentication, grantState, lastOutcome, ...accounts })
      .from(mailAccounts)
      .where(and(ne(authentication, 'app_only'), ...conditions))
      .groupBy(authentication, grantState, lastOutcome),
    db
      .select({ tenant, lastOutcome, ...accounts })
      .from(mailAccounts)
      .where(and(isNotNull(tenant), ...conditions))
      .groupBy(tenant, lastOutcome),
  ])
  const facts = { integrationActive: integration?.active ?? false, appTokenState: null }
  const appOnlyFacts = { ...facts, authentication: 'app_only', grantState: null } as const
  const stateOf = new Map(
    tokens.map(({ tenant, resource, state }) => [`${tenant}|${resource}`, state]),
  )
  const counts = Object.fromEntries(
    Protocol.options.map((protocol) => [protocol, healthCounts([])]),
  ) as Record<Protocol, HealthCounts>
  for (const protocol of Protocol.options) {
    for (const group of own) counts[protocol][healthOf({ ...facts, ...group })] += group[protocol]
    for (const { tenant, lastOutcome, ...group } of appOnly) {
      const appTokenState = stateOf.get(`${tenant}|${resourceOf(protocol)}`) ?? null
      const health = healthOf({ ...appOnlyFacts, lastOutcome, appTokenState })
      counts[protocol][health] += group[protocol]
    }
  }
  return counts
}

// The rules of model/loaded-mail-account.ts in SQL, so that accounts can be filtered, sorted and counted by health.

type Facts = Omit<HealthFacts, 'authentication' | 'appTokenState'>

/**
 * The facts that decide the health. A missing boolean counts as false. SQLite evaluates the subqueries once in a
 * statement, not for each account.
 */
const facts: Record<keyof Facts, SQLWrapper> = {
  integrationActive: sql`coalesce((SELECT ${integrations.active} FROM ${integrations} WHERE ${integrations.id} = 'microsoft'), 0)`,
  grantState: mailAccounts.grantState,
  lastOutcome: mailAccounts.lastValidationOutcome,
}

/** Tokens of the app in the settings. */
const isCurrentToken = appTokenOf(appTokens.tenant, appTokens.resource)

// Not by the generated column of the resource, which is in no index.
const appTokenIs = (state: HealthFacts['appTokenState']): SQL =>
  sql`(${mailAccounts.tenant}, iif(${mailAccounts.protocol} IN ('imap', 'smtp'), 'outlook', 'graph')) IN (
    SELECT ${appTokens.tenant}, ${appTokens.resource} FROM ${integrations}, ${appTokens}
    WHERE ${integrations.id} = 'microsoft' AND ${isCurrentToken} AND ${appTokens.state} = ${state})`

const conditionsOf = ({
  appTokenState,
  ...when
}: Partial<Omit<HealthFacts, 'authentication'>>): SQL[] => [
  ...Object.entries(when).map(
    ([name, value]) =>
      sql`${facts[name as keyof Facts]} IS ${typeof value === 'boolean' ? Number(value) : value}`,
  ),
  ...(appTokenState === undefined ? [] : [appTokenIs(appTokenState)]),
]

/** Urgency as a number, 0 for the least urgent health. */
export const urgencyOf = (health: Health): number =>
  HEALTH_BY_URGENCY.length - 1 - HEALTH_BY_URGENCY.indexOf(health)

/** The rules for accounts with this authentication. */
const urgencyWith = (authentication: HealthFacts['authentication']) => {
  const rules = HEALTH_RULES.flatMap(({ when: { authentication: only, ...when }, health }) =>
    only === undefined || only === authentication
      ? [sql`WHEN ${and(...conditionsOf(when))} THEN ${urgencyOf(health)}`]
      : [],
  )
  return sql`CASE ${sql.join(rules, sql` `)} ELSE ${urgencyOf(DEFAULT_HEALTH)} END`
}

/**
 * The urgency of an account. Looking at its authentication first takes a quarter less time than trying all rules.
 * Queries contain it once and refer to its alias, since it has a third of the parameters that D1 accepts.
 */
export const urgency = sql<number>`CASE ${mailAccounts.authentication}
  WHEN 'oauth' THEN ${urgencyWith('oauth')} WHEN 'app_only' THEN ${urgencyWith('app_only')}
  ELSE ${urgencyWith('password')} END`.as('urgency')

/** The urgency of a mailbox: the greatest of its accounts. */
export const mostUrgent = sql<number>`max(${urgency.sql})`.as('most')

/**
 * Selects accounts that meet the conditions, with their urgency. The limit keeps SQLite from evaluating the rules more
 * than once for each.
 */
export const rated = (db: Database, conditions: readonly (SQL | undefined)[]) =>
  db
    .select({
      id: mailAccounts.id,
      createdAt: mailAccounts.createdAt,
      username: mailAccounts.username,
      validatedAt: mailAccounts.validatedAt,
      urgency,
    })
    .from(mailAccounts)
    .where(and(...conditions))
    .limit(Number.MAX_SAFE_INTEGER)
    // Aliased like the table, so that its orders apply.
    .as('mail_accounts')

/** Counts by health, reading the accounts in the order of the table. */
export async function countEach(
  db: Database,
  conditions: readonly (SQL | undefined)[],
): Promise<HealthCounts> {
  const accounts = rated(db, conditions)
  const counts = Health.options.map((health) => [
    health,
    sql<number>`count(*) FILTER (WHERE ${accounts.urgency} = ${urgencyOf(health)})`,
  ])
  const [row] = await db
    .select(Object.fromEntries(counts) as Record<Health, SQL<number>>)
    .from(accounts)
  if (!row) throw new Error('A count without a row')
  return row
}
