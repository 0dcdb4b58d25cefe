/** The rules of model/health.ts in SQL, so that accounts can be filtered, sorted and counted by health. */
import { and, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { integrations, mailAccounts } from '../../schema/d1/tables.ts'
import { HEALTH_BY_URGENCY, type Health } from '../../schema/mail-account.ts'
import { DEFAULT_HEALTH, HEALTH_RULES, type HealthFacts } from '../model/loaded-mail-account.ts'
import { appTokenOf } from './app-tokens.ts'

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
