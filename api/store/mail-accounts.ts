/** Mail accounts at rest, with what their health depends on. Saving and deleting are one batch each. */

import { and, eq, type SQL, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { grants, integrations, mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { Diagnosis } from '../../schema/diagnosis.ts'
import type { MailAccountQuery, Owner } from '../../schema/mail-account.ts'
import type { MaybeAccessScope } from '../model/access-scope.ts'
import type { AppTokenRecord } from '../model/app-token.ts'
import type { GrantRecord } from '../model/grant.ts'
import type { MailAccountRecord } from '../model/mail-account.ts'
import type { Page } from '../model/page.ts'
import { appTokenColumns, appTokenOfAccount, toAppToken } from './app-tokens.ts'
import type { Database } from './database.ts'
import { toGrant } from './grants.ts'
import { accountWithin } from './limits.ts'
import { createMailAccountWrites, passwordPlace } from './mail-account-writes.ts'
import { after, newestFirst, pageOf } from './pages.ts'
import type { Sealer } from './seal.ts'

/** An account with all that its health depends on, read in one query. */
export type MailAccountInHand = MailAccountRecord & {
  grant: GrantRecord | null
  /** Of `app_only`: the app's token in the tenant, once somebody asked for it. */
  appToken: AppTokenRecord | null
  integrationActive: boolean
  /** The sentence of the step where the last validation failed, while its result is kept. */
  failedStep: string | null
  /** Of that validation. */
  diagnosis: Diagnosis | null
  /** The stored password in clear. Null when there is none. Throws KeyMissing. */
  openPassword: () => Promise<string | null>
}

/** The rule of healthOf() (domain/mail-accounts/view.ts) in SQL, so that pages can be filtered. */
const health = sql`CASE
  WHEN ${mailAccounts.authentication} <> 'password' AND coalesce(${integrations.active}, 0) = 0
    THEN 'inactive'
  WHEN ${mailAccounts.authentication} = 'oauth' AND ${grants.id} IS NULL
    THEN 'reconnect_required'
  WHEN ${mailAccounts.authentication} = 'oauth' AND ${grants.state} <> 'active'
    THEN ${grants.state}
  WHEN ${mailAccounts.authentication} = 'app_only' AND ${appTokens.state} <> 'active'
    THEN ${appTokens.state}
  WHEN ${mailAccounts.lastValidationOutcome} = 'passed' THEN 'ok'
  ELSE 'unverified' END`

export function createMailAccountStore(db: Database, sealer: Sealer) {
  const select = () =>
    db
      .select({
        account: mailAccounts,
        grant: grants,
        appToken: appTokenColumns,
        active: integrations.active,
        steps: validations.steps,
        diagnosis: validations.diagnosis,
      })
      .from(mailAccounts)
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .leftJoin(validations, eq(validations.id, mailAccounts.lastValidationId))

  type Row = Awaited<ReturnType<typeof select>>[number]

  const toInHand = ({ account, active, steps, ...row }: Row): MailAccountInHand => ({
    ...toRecord(account),
    grant: row.grant && toGrant(row.grant),
    appToken: row.appToken && toAppToken(row.appToken),
    integrationActive: active ?? false,
    failedStep: steps?.find((step) => step.outcome === 'failed')?.detail ?? null,
    diagnosis: row.diagnosis,
    openPassword: async () =>
      account.passwordSealed === null
        ? null
        : sealer.open(account.passwordSealed, passwordPlace(account.id)),
  })

  return {
    ...createMailAccountWrites(db, sealer),

    async read(id: string, limit: MaybeAccessScope = null): Promise<MailAccountInHand | null> {
      const [row] = await select().where(and(eq(mailAccounts.id, id), accountWithin(limit)))
      return row ? toInHand(row) : null
    },

    async list(
      query: MailAccountQuery,
      within: MaybeAccessScope = null,
    ): Promise<Page<MailAccountInHand>> {
      const { limit, cursor } = query
      const rows = await select()
        .where(
          and(
            accountWithin(within),
            ...matching(query),
            after(cursor, mailAccounts.createdAt, mailAccounts.id),
          ),
        )
        .orderBy(...newestFirst(mailAccounts.createdAt, mailAccounts.id))
        .limit(limit + 1)
      const position = ({ account }: Row) => ({ at: account.createdAt, id: account.id })
      return pageOf(rows, limit, position, toInHand)
    },
  }
}

const matching = (query: MailAccountQuery): (SQL | undefined)[] => [
  query.owner_type && eq(mailAccounts.ownerType, query.owner_type),
  query.owner_id === undefined ? undefined : eq(mailAccounts.ownerId, query.owner_id),
  query.protocol && eq(mailAccounts.protocol, query.protocol),
  // Both sides in SQLite: its lower() leaves letters outside ASCII alone, JavaScript's does not.
  query.username === undefined
    ? undefined
    : sql`lower(${mailAccounts.username}) = lower(${query.username})`,
  query.grant_id === undefined ? undefined : eq(mailAccounts.grantId, query.grant_id),
  query.health && sql`${health} = ${query.health}`,
]

const toRecord = (row: typeof mailAccounts.$inferSelect): MailAccountRecord => ({
  id: row.id,
  name: row.name,
  owner: { type: row.ownerType, ...(row.ownerId !== null && { id: row.ownerId }) } as Owner,
  protocol: row.protocol,
  host: row.host,
  port: row.port,
  security: row.security,
  username: row.username,
  delegate: row.delegate,
  from: row.sender,
  authentication: row.authentication,
  grantId: row.grantId,
  tenant: row.tenant,
  lastValidation:
    row.lastValidationId === null ||
    row.lastValidationOutcome === null ||
    row.lastValidationAt === null
      ? null
      : {
          id: row.lastValidationId,
          outcome: row.lastValidationOutcome,
          checkedAt: new Date(row.lastValidationAt),
        },
  version: row.version,
  createdAt: new Date(row.createdAt),
  updatedAt: new Date(row.updatedAt),
})
