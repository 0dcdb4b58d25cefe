/** Mail accounts, read together with everything that their health depends on. */
import { and, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { grants, integrations, mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { MailAccountQuery, Owner } from '../../schema/mail-account.ts'
import type { MaybeAccessScope } from '../model/access-scope.ts'
import { DEFAULT_HEALTH, HEALTH_RULES, type HealthFacts } from '../model/health.ts'
import type { LoadedMailAccount } from '../model/loaded-mail-account.ts'
import type { MailAccountRecord } from '../model/mail-account.ts'
import type { Page } from '../model/page.ts'
import { appTokenColumns, appTokenOfAccount, toAppToken } from './app-tokens.ts'
import type { Database } from './database.ts'
import { toGrant } from './grants.ts'
import { accountWithin } from './limits.ts'
import { createMailAccountWrites, passwordContext } from './mail-account-writes.ts'
import { after, newestFirst, pageOf } from './pages.ts'
import type { Sealer } from './seal.ts'
import { toValidation } from './validations.ts'

/** Columns of the facts that decide the health. A missing boolean counts as false. */
const healthFacts: Record<keyof HealthFacts, SQLWrapper> = {
  authentication: mailAccounts.authentication,
  integrationActive: sql`coalesce(${integrations.active}, 0)`,
  grantState: grants.state,
  appTokenState: appTokens.state,
  lastOutcome: mailAccounts.lastValidationOutcome,
}

/** The rules of model/health.ts in SQL, so that pages can be filtered. */
const health = sql`CASE ${sql.join(
  HEALTH_RULES.map((rule) => sql`WHEN ${and(...conditionsOf(rule.when))} THEN ${rule.health}`),
  sql` `,
)} ELSE ${DEFAULT_HEALTH} END`

function conditionsOf(when: Partial<HealthFacts>): SQL[] {
  return Object.entries(when).map(
    ([name, value]) =>
      sql`${healthFacts[name as keyof HealthFacts]} IS ${typeof value === 'boolean' ? Number(value) : value}`,
  )
}

export function createMailAccountStore(db: Database, sealer: Sealer) {
  const select = () =>
    db
      .select({
        account: mailAccounts,
        grant: grants,
        appToken: appTokenColumns,
        active: integrations.active,
        validation: validations,
      })
      .from(mailAccounts)
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .leftJoin(validations, eq(validations.id, mailAccounts.lastValidationId))

  type Row = Awaited<ReturnType<typeof select>>[number]

  const toLoadedMailAccount = ({ account, active, ...row }: Row): LoadedMailAccount => ({
    ...toMailAccount(account),
    grant: row.grant && toGrant(row.grant),
    appToken: row.appToken && toAppToken(row.appToken),
    integrationActive: active ?? false,
    lastResult: row.validation && toValidation(row.validation),
    openPassword: async () =>
      account.passwordSealed === null
        ? null
        : sealer.open(account.passwordSealed, passwordContext(account.id)),
  })

  return {
    ...createMailAccountWrites(db, sealer),

    async read(id: string, limit: MaybeAccessScope = null): Promise<LoadedMailAccount | null> {
      const [row] = await select().where(and(eq(mailAccounts.id, id), accountWithin(limit)))
      return row ? toLoadedMailAccount(row) : null
    },

    async list(
      query: MailAccountQuery,
      within: MaybeAccessScope = null,
    ): Promise<Page<LoadedMailAccount>> {
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
      return pageOf(rows, limit, position, toLoadedMailAccount)
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

const toMailAccount = (row: typeof mailAccounts.$inferSelect): MailAccountRecord => ({
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
