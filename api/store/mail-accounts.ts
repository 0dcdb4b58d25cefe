/**
 * Mail accounts, read together with everything that their health depends on, and written together with
 * their grants: a saved account saves its grant, and the last account deletes it. Each write is one batch,
 * all or nothing, and changes nothing if the account was changed since it was read.
 */
import { and, eq, isNull, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { grants, integrations, mailAccounts, validations } from '../../schema/d1/tables.ts'
import type { MailAccountQuery, Owner } from '../../schema/mail-account.ts'
import type { MaybeAccessScope } from '../model/access-scope.ts'
import type { EventRecord } from '../model/event.ts'
import { DEFAULT_HEALTH, HEALTH_RULES, type HealthFacts } from '../model/health.ts'
import type { LoadedMailAccount } from '../model/loaded-mail-account.ts'
import type {
  LastValidation,
  MailAccountChange,
  MailAccountRecord,
  MailAccountValues,
  ReleasedGrant,
} from '../model/mail-account.ts'
import type { Page } from '../model/page.ts'
import { accountWithin } from './access-scope.ts'
import { createAccountsByHealth } from './accounts-by-health.ts'
import { appTokenColumns, appTokenOfAccount, toAppToken } from './app-tokens.ts'
import { type Database, insertSelect, once } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import { deleteGrantIfUnused, grantColumns, toGrant } from './grants.ts'
import { after, filteredBy, newestFirst, pageOf } from './pages.ts'
import type { Sealer } from './seal.ts'
import { toValidation } from './validations.ts'

/** Columns of the facts that decide the health. A missing boolean counts as false. */
const healthFacts: Record<keyof HealthFacts, SQLWrapper> = {
  authentication: mailAccounts.authentication,
  integrationActive: sql`coalesce(${integrations.active}, 0)`,
  grantState: mailAccounts.grantState,
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

const passwordContext = (row: string) => ({
  table: 'mail_accounts',
  row,
  column: 'password',
})

export function createMailAccountStore(db: Database, sealer: Sealer) {
  const byHealth = createAccountsByHealth(db)
  const select = () =>
    db
      .select({
        account: mailAccounts,
        grant: grantColumns,
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

  const byId = once(() =>
    select()
      .where(eq(mailAccounts.id, sql.placeholder('id')))
      .prepare(),
  )

  const toLoadedMailAccount = ({ account, active, ...row }: Row): LoadedMailAccount => ({
    ...toMailAccount(account),
    grant: row.grant && toGrant(row.grant),
    appToken: row.appToken && toAppToken(row.appToken),
    integrationActive: active ?? false,
    lastResult: row.validation && toValidation(row.validation),
    openPassword: async () =>
      account.passwordSealed === null
        ? null
        : sealer.openIfIntact(account.passwordSealed, passwordContext(account.id)),
  })

  const seal = (password: string, id: string) => sealer.seal(password, passwordContext(id))

  const deleteIfUnused = (grant: ReleasedGrant | null) =>
    grant ? [deleteGrantIfUnused(db, grant.id), insertEventIfChanged(db, grant.event)] : []

  return {
    async read(id: string, scope: MaybeAccessScope = null): Promise<LoadedMailAccount | null> {
      const [row] = scope
        ? await select().where(and(eq(mailAccounts.id, id), accountWithin(scope)))
        : await byId().all({ id })
      return row ? toLoadedMailAccount(row) : null
    },

    async list(
      query: MailAccountQuery,
      scope: MaybeAccessScope = null,
    ): Promise<Page<LoadedMailAccount>> {
      const { limit, cursor, health: wanted } = query
      const isFew = scope || query.grant_id || query.username || query.owner_id
      if (wanted && !isFew) {
        const page = await byHealth(wanted, query, matching(query, false))
        const found = await select()
          .where(
            sql`${mailAccounts.id} IN (SELECT value FROM json_each(${JSON.stringify(page.data)}))`,
          )
          .orderBy(...newestFirst(mailAccounts.createdAt, mailAccounts.id))
        return { data: found.map(toLoadedMailAccount), nextCursor: page.nextCursor }
      }
      const rows = await select()
        .where(
          and(
            accountWithin(scope),
            ...matching(query, !scope),
            wanted && sql`${health} = ${wanted}`,
            after(cursor, mailAccounts.createdAt, mailAccounts.id),
          ),
        )
        .orderBy(...newestFirst(mailAccounts.createdAt, mailAccounts.id))
        .limit(limit + 1)
      const position = ({ account }: Row) => ({ at: account.createdAt, id: account.id })
      return pageOf(rows, limit, position, toLoadedMailAccount)
    },

    /** Returns false, with nothing stored, when its grant no longer exists. */
    async create(id: string, change: MailAccountChange, now: Date): Promise<boolean> {
      const { values, password = null, lastValidation = null } = change
      const row = {
        id,
        ...columnsOf(values),
        passwordSealed: password === null ? null : await seal(password, id),
        ...validationColumns(lastValidation),
        scheduledAt: 0,
        version: 1,
        createdAt: now.getTime(),
        updatedAt: now.getTime(),
      }
      const [inserted] = await db.batch([
        insertSelect(
          db,
          mailAccounts,
          row,
          sql`WHERE ${grantExists(values.grantId, now)}`,
        ).returning({ id: mailAccounts.id }),
        insertEventIfChanged(db, change.event),
        ...saveGrant(db, values.grantId, now),
      ])
      return inserted.length === 1
    },

    /** Returns false, with nothing changed, on a version conflict, or when its grant no longer exists. */
    async replace(
      id: string,
      version: number,
      change: MailAccountChange,
      released: ReleasedGrant | null,
      now: Date,
    ): Promise<boolean> {
      const { values, password, lastValidation } = change
      const update = db
        .update(mailAccounts)
        .set({
          ...columnsOf(values),
          ...(password !== undefined && {
            passwordSealed: password === null ? null : await seal(password, id),
          }),
          ...(lastValidation !== undefined && validationColumns(lastValidation)),
          version: version + 1,
          updatedAt: now.getTime(),
        })
        .where(
          and(
            eq(mailAccounts.id, id),
            eq(mailAccounts.version, version),
            grantExists(values.grantId, now),
          ),
        )
        .returning({ id: mailAccounts.id })
      const [updated] = await db.batch([
        update,
        insertEventIfChanged(db, change.event),
        ...saveGrant(db, values.grantId, now),
        ...deleteIfUnused(released),
      ])
      return updated.length === 1
    },

    /** Returns false, with nothing deleted, when it no longer exists, was saved again, or lost its grant. */
    async delete(
      id: string,
      seen: { version: number; grantId: string | null },
      event: EventRecord,
      released: ReleasedGrant | null,
    ): Promise<boolean> {
      const remove = db
        .delete(mailAccounts)
        .where(
          and(
            eq(mailAccounts.id, id),
            eq(mailAccounts.version, seen.version),
            sql`${mailAccounts.grantId} IS ${seen.grantId}`,
          ),
        )
        .returning({ id: mailAccounts.id })
      const [deleted] = await db.batch([
        remove,
        insertEventIfChanged(db, event),
        ...deleteIfUnused(released),
      ])
      return deleted.length === 1
    },
  }
}

/** The filters, the most selective first. The health is a condition of its own. */
const matching = (query: MailAccountQuery, indexed: boolean): SQL[] =>
  filteredBy(
    [
      [mailAccounts.grantId, query.grant_id],
      // Both sides in SQLite: its lower() leaves letters outside ASCII alone, JavaScript's does not.
      [
        sql`lower(${mailAccounts.username})`,
        query.username === undefined ? undefined : sql`lower(${query.username})`,
      ],
      [mailAccounts.ownerId, query.owner_id],
      [mailAccounts.ownerType, query.owner_type],
      [mailAccounts.protocol, query.protocol],
    ],
    indexed,
  )

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

/** Does not compile while a field has no column. */
const columnsOf = ({ owner, from, ...columns }: MailAccountValues) => ({
  ...(columns satisfies Pick<typeof mailAccounts.$inferInsert, keyof typeof columns>),
  ownerType: owner.type,
  ownerId: owner.type === 'global' ? null : owner.id,
  sender: from,
})

const validationColumns = (validation: LastValidation | null) => ({
  lastValidationId: validation?.id ?? null,
  lastValidationOutcome: validation?.outcome ?? null,
  lastValidationAt: validation?.checkedAt.getTime() ?? null,
})

/** Returns the condition that the grant exists. An unsaved one past its hour does not count. */
const grantExists = (id: string | null, now: Date): SQL =>
  id === null
    ? sql`1`
    : sql`EXISTS (SELECT 1 FROM ${grants} WHERE ${grants.id} = ${id}
        AND (${grants.savedAt} IS NOT NULL OR ${grants.expiresAt} > ${now.getTime()}))`

/** Saves the grant if an account names it: the write before it in the batch may have changed nothing. */
const saveGrant = (db: Database, id: string | null, now: Date) =>
  id === null
    ? []
    : [
        db
          .update(grants)
          .set({ savedAt: now.getTime(), expiresAt: null })
          .where(
            and(
              eq(grants.id, id),
              isNull(grants.savedAt),
              sql`EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.grantId} = ${grants.id})`,
            ),
          ),
      ]
