/**
 * Access of restricted API keys as SQL conditions: lists are filtered before they are paged, and for the
 * key nothing else exists.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { authorizations, grants, mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { AccessScope, MaybeAccessScope } from '../model/access.ts'

/** One parameter for all ids: D1 accepts a hundred. */
const ids = ({ mailAccountIds }: AccessScope) =>
  sql`(SELECT value FROM json_each(${JSON.stringify(mailAccountIds)}))`

/** Returns the condition that the column has the id of one of the scope's accounts. */
export const within = (column: SQLWrapper, scope: AccessScope): SQL =>
  sql`${column} IN ${ids(scope)}`

const listed = (column: SQLWrapper, scope: MaybeAccessScope): SQL | undefined =>
  scope ? within(column, scope) : undefined

export const accountWithin = (scope: MaybeAccessScope) => listed(mailAccounts.id, scope)
export const authorizationWithin = (scope: MaybeAccessScope) =>
  listed(authorizations.mailAccountId, scope)
export const validationWithin = (scope: MaybeAccessScope) =>
  listed(validations.mailAccountId, scope)

/**
 * Returns the condition for grants of the key's accounts, and of sign-ins that the key requested. The
 * subquery starts from those few, so that no list reads every grant.
 */
export const grantWithin = (scope: MaybeAccessScope): SQL | undefined =>
  scope
    ? sql`${grants.id} IN (
        SELECT ${mailAccounts.grantId} FROM ${mailAccounts} WHERE ${mailAccounts.id} IN ${ids(scope)}
        UNION
        SELECT ${authorizations.grantId} FROM ${authorizations}
          WHERE ${authorizations.requestedBy} = ${scope.keyId}
            AND ${authorizations.apply} = 'on_save' AND ${authorizations.grantId} IS NOT NULL)`
    : undefined

/** Returns the condition that no account outside the scope uses this grant. */
export const usedWithinOnly = (grantId: string, scope: MaybeAccessScope): SQL | undefined =>
  scope
    ? sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts}
        WHERE ${mailAccounts.grantId} = ${grantId} AND ${mailAccounts.id} NOT IN ${ids(scope)})`
    : undefined
