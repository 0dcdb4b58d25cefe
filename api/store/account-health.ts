/** The rules of model/health.ts in SQL, so that accounts can be filtered, sorted and counted by health. */
import { and, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { integrations, mailAccounts } from '../../schema/d1/tables.ts'
import { HEALTH_BY_URGENCY, type Health } from '../../schema/mail-account.ts'
import { DEFAULT_HEALTH, HEALTH_RULES, type HealthFacts } from '../model/health.ts'

/** Columns of the facts that decide the health. A missing boolean counts as false. */
const healthFacts: Record<keyof HealthFacts, SQLWrapper> = {
  authentication: mailAccounts.authentication,
  integrationActive: sql`coalesce(${integrations.active}, 0)`,
  grantState: mailAccounts.grantState,
  appTokenState: appTokens.state,
  lastOutcome: mailAccounts.lastValidationOutcome,
}

const conditionsOf = (when: Partial<HealthFacts>): SQL[] =>
  Object.entries(when).map(
    ([name, value]) =>
      sql`${healthFacts[name as keyof HealthFacts]} IS ${typeof value === 'boolean' ? Number(value) : value}`,
  )

/** Urgency as a number, 0 for the least urgent health. */
export const urgencyOf = (health: Health): number =>
  HEALTH_BY_URGENCY.length - 1 - HEALTH_BY_URGENCY.indexOf(health)

/**
 * The urgency of an account. Needs the account's integration and app token in the same query. Queries name
 * it once, since it has a third of the parameters that D1 accepts, and refer to its alias.
 */
export const urgency = sql<number>`CASE ${sql.join(
  HEALTH_RULES.map(
    ({ when, health }) => sql`WHEN ${and(...conditionsOf(when))} THEN ${urgencyOf(health)}`,
  ),
  sql` `,
)} ELSE ${urgencyOf(DEFAULT_HEALTH)} END`.as('urgency')
