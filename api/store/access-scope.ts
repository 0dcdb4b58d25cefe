/**
 * The access of restricted API keys as SQL conditions, so that lists are filtered before they are paged. To such a key,
 * rows outside its scope do not exist.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { apiKeys, events, webhooks } from '../../schema/d1/operating-tables.ts'
import { authorizations, grants, mailAccounts, validations } from '../../schema/d1/tables.ts'
import { type AccessScope, byScope } from '../model/access.ts'
import { listed } from './database.ts'

/** Not `IS` for both, since it uses no index of the rows that have a customer. */
const isOf = (column: SQLWrapper, customer: string | null): SQL =>
  customer === null ? sql`${column} IS NULL` : sql`${column} = ${customer}`

/**
 * Returns the condition for rows within the scope, by the column that holds their account or the one that holds their
 * customer; undefined if all are.
 */
const within =
  (account: SQLWrapper, customer: SQLWrapper) =>
  (scope: AccessScope): SQL | undefined =>
    byScope(scope, {
      all: () => undefined,
      mail_accounts: ({ mailAccountIds }) => sql`${account} IN ${listed(mailAccountIds)}`,
      customer: (limit) => isOf(customer, limit.customer),
    })

export const accountWithin = within(mailAccounts.id, mailAccounts.customer)
export const authorizationWithin = within(authorizations.mailAccountId, authorizations.customer)
export const validationWithin = within(validations.mailAccountId, validations.customer)

/** Returns the condition for rows that a key limited to email accounts never reaches. */
const ofCustomer =
  (customer: SQLWrapper) =>
  (scope: AccessScope): SQL | undefined =>
    byScope(scope, {
      all: () => undefined,
      mail_accounts: () => sql`FALSE`,
      customer: (limit) => isOf(customer, limit.customer),
    })

export const eventWithin = ofCustomer(events.customer)
export const webhookWithin = ofCustomer(webhooks.customer)
export const apiKeyWithin = ofCustomer(apiKeys.customer)

/**
 * Returns the condition for grants of the key's accounts, and of sign-ins that the key requested for them. The
 * subquery starts from those few, so that no list reads every grant.
 */
export const grantWithin = (scope: AccessScope): SQL | undefined =>
  byScope(scope, {
    all: () => undefined,
    mail_accounts: ({ keyId, mailAccountIds }) => sql`${grants.id} IN (
        SELECT ${mailAccounts.grantId} FROM ${mailAccounts}
          WHERE ${mailAccounts.id} IN ${listed(mailAccountIds)}
        UNION
        SELECT ${authorizations.grantId} FROM ${authorizations}
          WHERE ${authorizations.requestedBy} = ${keyId}
            AND ${authorizations.apply} = 'on_save' AND ${authorizations.grantId} IS NOT NULL
            AND ${authorizations.mailAccountId} IN ${listed(mailAccountIds)})`,
    customer: ({ customer }) => isOf(grants.customer, customer),
  })

/** Returns the condition that no account outside the scope uses the grant. */
export const usedWithinOnly = (grantId: string, scope: AccessScope): SQL | undefined =>
  byScope(scope, {
    all: () => undefined,
    mail_accounts: ({ mailAccountIds }) => sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts}
        WHERE ${mailAccounts.grantId} = ${grantId}
          AND ${mailAccounts.id} NOT IN ${listed(mailAccountIds)})`,
    // The accounts of a grant have the customer of the grant.
    customer: ({ customer }) => isOf(grants.customer, customer),
  })

/** Returns whether the scope finds its few accounts faster than the index of a filter would. */
export const isNarrow = (scope: AccessScope): boolean =>
  byScope(scope, { all: () => false, mail_accounts: () => true, customer: () => true })
