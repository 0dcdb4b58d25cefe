/**
 * What a key that is limited to mail accounts may see, as conditions in SQL: so lists are filtered
 * before they are cut into pages, and what is not its own is not there for it at all.
 */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { authorizations, grants, mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { AccessScope, MaybeAccessScope } from '../model/access-scope.ts'

/** One parameter however many there are: D1 takes a hundred. */
const ids = ({ mailAccountIds }: AccessScope) =>
  sql`(SELECT value FROM json_each(${JSON.stringify(mailAccountIds)}))`

const listed = (column: SQLWrapper, limit: MaybeAccessScope): SQL | undefined =>
  limit ? sql`${column} IN ${ids(limit)}` : undefined

export const accountWithin = (limit: MaybeAccessScope) => listed(mailAccounts.id, limit)
export const authorizationWithin = (limit: MaybeAccessScope) =>
  listed(authorizations.mailAccountId, limit)
export const validationWithin = (limit: MaybeAccessScope) =>
  listed(validations.mailAccountId, limit)

/**
 * One that is on its accounts, or that a sign-in has made which this key asked for. Read from the few
 * to the many: no list looks at every grant, and authorizations are kept for a day only.
 */
export const grantWithin = (limit: MaybeAccessScope): SQL | undefined =>
  limit
    ? sql`${grants.id} IN (
        SELECT ${mailAccounts.grantId} FROM ${mailAccounts} WHERE ${mailAccounts.id} IN ${ids(limit)}
        UNION
        SELECT ${authorizations.grantId} FROM ${authorizations}
          WHERE ${authorizations.requestedBy} = ${limit.keyId}
            AND ${authorizations.apply} = 'on_save' AND ${authorizations.grantId} IS NOT NULL)`
    : undefined

/** That no account beyond the limit uses the grant with this id. */
export const usedWithinOnly = (grantId: string, limit: MaybeAccessScope): SQL | undefined =>
  limit
    ? sql`NOT EXISTS (SELECT 1 FROM ${mailAccounts}
        WHERE ${mailAccounts.grantId} = ${grantId} AND ${mailAccounts.id} NOT IN ${ids(limit)})`
    : undefined
