/**
 * Accounts by health, a page at a time, however many there are and however few match. The facts that
 * decide the health are the columns of two indexes, so the accounts with each combination of facts lie in
 * the order of the page: the first few of each combination are read, and merged.
 */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { integrations, mailAccounts } from '../../schema/d1/tables.ts'
import { GrantStatus } from '../../schema/grant.ts'
import type { Health } from '../../schema/mail-account.ts'
import { Outcome } from '../../schema/probe.ts'
import type { AppTokenRecord } from '../model/app-token.ts'
import { type HealthFacts, healthOf } from '../model/health.ts'
import type { Page } from '../model/page.ts'
import { appTokenOf } from './app-tokens.ts'
import type { Database } from './database.ts'
import { after, newestFirst, pageOf } from './pages.ts'

type GrantState = HealthFacts['grantState']
type Tenant = { tenant: string; state: AppTokenRecord['state'] | null }

const outcomes = [null, ...Outcome.options]
const grantStates: readonly GrantState[] = [
  null,
  ...GrantStatus.options.filter((status) => status !== 'unsaved'),
]

export const createAccountsByHealth =
  (db: Database) =>
  /** Returns the ids of a page of accounts with this health that also meet the other conditions. */
  async (
    health: Health,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
    others: readonly (SQL | undefined)[],
  ): Promise<Page<string>> => {
    const [[integration], tenants] = await db.batch([
      db
        .select({ active: integrations.active })
        .from(integrations)
        .where(eq(integrations.id, 'microsoft')),
      db
        .select({ tenant: sql<string>`tenant`, state: sql<Tenant['state']>`state` })
        .from(appOnlyTenants),
    ])
    const select = (condition: SQL) =>
      db
        .select({ id: mailAccounts.id, createdAt: mailAccounts.createdAt })
        .from(mailAccounts)
        .where(and(condition, ...others, after(cursor, mailAccounts.createdAt, mailAccounts.id)))
        .orderBy(...newestFirst(mailAccounts.createdAt, mailAccounts.id))
        .limit(limit + 1)
    const [first, ...rest] = conditionsFor(health, integration?.active ?? false, tenants).map(
      select,
    )
    const found = first ? (await db.batch([first, ...rest])).flat() : []
    const newest = found
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
      .slice(0, limit + 1)
    return pageOf(
      newest,
      limit,
      ({ createdAt, id }) => ({ at: createdAt, id }),
      ({ id }) => id,
    )
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

/** Returns a condition for each combination of facts with this health, each found in the order of a page. */
function conditionsFor(
  health: Health,
  integrationActive: boolean,
  tenants: readonly Tenant[],
): SQL[] {
  const has = (facts: Omit<HealthFacts, 'integrationActive'>) =>
    healthOf({ ...facts, integrationActive }) === health
  const own = (authentication: 'oauth' | 'password', grantState: GrantState) =>
    outcomes
      .filter((lastOutcome) =>
        has({ authentication, grantState, appTokenState: null, lastOutcome }),
      )
      .map(
        (lastOutcome) =>
          sql`${mailAccounts.authentication} = ${authentication} AND ${mailAccounts.grantState} IS ${grantState}
            AND ${mailAccounts.lastValidationOutcome} IS ${lastOutcome}`,
      )
  const ofTenant = ({ tenant, state }: Tenant) =>
    outcomes
      .filter((lastOutcome) =>
        has({ authentication: 'app_only', grantState: null, appTokenState: state, lastOutcome }),
      )
      .map(
        (lastOutcome) =>
          sql`${mailAccounts.tenant} = ${tenant} AND ${mailAccounts.lastValidationOutcome} IS ${lastOutcome}`,
      )
  return [
    ...grantStates.flatMap((state) => own('oauth', state)),
    ...own('password', null),
    ...tenants.flatMap(ofTenant),
  ]
}
