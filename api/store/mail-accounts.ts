/**
 * Mail accounts, read together with everything that their health depends on, and written together with their grants. A
 * saved account saves its grant, and the last account deletes it. Each write is one batch, all or nothing, and changes
 * nothing if the account was changed since it was read.
 */
import { and, count, eq, getTableColumns, isNull, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { writeCursor } from '../../schema/cursor.ts'
import { events } from '../../schema/d1/operating-tables.ts'
import {
  appTokens,
  grants,
  grantTokens,
  integrations,
  mailAccounts,
  validations,
} from '../../schema/d1/tables.ts'
import {
  MAX_ACCOUNTS_OF_MAILBOX,
  type MailAccountFilters,
  type MailAccountQuery,
  type MailAccountSummary,
  type MailboxQuery,
  type Owner,
} from '../../schema/mail-account.ts'
import { directionOf, resourceOf } from '../../schema/protocols.ts'
import { type AccessScope, byScope } from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { LoadedMailAccount, StoredMailAccount } from '../model/loaded-mail-account.ts'
import type {
  MailAccountChange,
  MailAccountRecord,
  MailAccountValues,
  ReleasedGrant,
} from '../model/mail-account.ts'
import type { Page } from '../model/storage.ts'
import type { ValidationRecord } from '../model/validation.ts'
import { accountWithin, isNarrow } from './access-scope.ts'
import {
  accountOrder,
  countByHealth,
  countEach,
  cursorOf,
  cursorOfMailbox,
  type HealthCounts,
  healthCounts,
  mailbox,
  mailboxOrder,
  mostUrgent,
  positionOf,
  positionOfMailbox,
  rated,
  sortKeyOf,
  urgency,
  urgencyOf,
} from './accounts-by-health.ts'
import { appTokenColumns, appTokenOfAccount } from './app-tokens.ts'
import { type Database, insertRows, listed, type Row as StoredRow } from './database.ts'
import {
  insertEventIfChanged,
  insertEventOf,
  insertEventsOfAccounts,
  writeWithEvent,
} from './events.ts'
import {
  deleteGrantIfUnused,
  grantColumns,
  grantTokenColumns,
  toGrant,
  tokenOfGrant,
} from './grants.ts'
import { withProblem } from './leases.ts'
import { beyond, filteredBy, orderBy, pageOf, unindexed } from './pagination.ts'
import type { Sealer } from './seal.ts'
import { toValidation } from './validations.ts'

/** Most owners that are returned, more than a page for people shows. */
const MAX_OWNERS = 500

/**
 * All columns but those that only a trigger, a query's condition or the maintenance reads, since D1 returns at most
 * 100.
 */
const {
  resource: _resource,
  sharedPermission: _sharedPermission,
  grantState: _grantState,
  passwordLabel: _passwordLabel,
  validatedAt: _validatedAt,
  scheduledAt: _scheduledAt,
  ...readable
} = getTableColumns(mailAccounts)
export const mailAccountColumns = readable

const passwordContext = (row: string) => ({ table: 'mail_accounts', row, column: 'password' })

export function createMailAccountStore(db: Database, sealer: Sealer) {
  const select = () =>
    db
      .select({
        account: mailAccountColumns,
        grantState: mailAccounts.grantState,
        grant: grantColumns,
        token: grantTokenColumns,
        appToken: appTokenColumns,
        active: integrations.active,
        validation: validations,
        urgency,
      })
      .from(mailAccounts)
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(grantTokens, tokenOfGrant(grants.id, mailAccounts.resource))
      .leftJoin(validations, eq(validations.id, mailAccounts.lastValidationId))

  type Row = Awaited<ReturnType<typeof select>>[number]

  const toLoadedMailAccount = ({ account, active, ...row }: Row): LoadedMailAccount => ({
    ...toStoredMailAccount(sealer, account),
    grantState: row.grantState,
    grant: row.grant && toGrant(row.grant, row.token, resourceOf(account.protocol)),
    appToken: row.appToken && withProblem(row.appToken),
    integrationActive: active ?? false,
    lastResult: row.validation && toValidation(row.validation),
  })

  const seal = (password: string, id: string) => sealer.seal(password, passwordContext(id))

  /** Returns a statement for a batch: the results behind the last validations of these accounts. */
  const selectLastResults = (ids: readonly string[]) =>
    db
      .select()
      .from(validations)
      .where(sql`${validations.id} IN (SELECT ${mailAccounts.lastValidationId}
      FROM ${mailAccounts} WHERE ${mailAccounts.id} IN ${listed(ids)})`)

  const deleteIfUnused = (grant: ReleasedGrant | null) =>
    grant ? [deleteGrantIfUnused(db, grant.id), insertEventIfChanged(db, grant.event)] : []

  return {
    async read(id: string, scope: AccessScope): Promise<LoadedMailAccount | null> {
      const [row] = await select().where(and(eq(mailAccounts.id, id), accountWithin(scope)))
      return row ? toLoadedMailAccount(row) : null
    },

    /** Returns those that exist, by id. */
    async readMany(ids: readonly string[]): Promise<Map<string, LoadedMailAccount>> {
      const rows = await select().where(sql`${mailAccounts.id} IN ${listed(ids)}`)
      return new Map(rows.map((row) => [row.account.id, toLoadedMailAccount(row)]))
    },

    async list(query: MailAccountQuery, scope: AccessScope): Promise<Page<LoadedMailAccount>> {
      const { limit, sort, health: wanted } = query
      const key = sortKeyOf(sort)
      const few = isFew(query, scope)
      const searches = Boolean(query.q || query.duplicate)
      const byHealth = key === 'health' || wanted !== undefined
      // An index in the order of the page is read until enough rows match. Where an index does not show which rows do,
      // SQLite must not follow one, since in another order than the accounts lie, looking at each takes ten times as
      // long.
      const follows = !searches && !byHealth
      const order = follows ? accountOrder(sort) : unindexed(accountOrder(sort))
      const position = positionOf(query.cursor)
      const conditions = [
        accountWithin(scope),
        // The index of the sort is better than that of a filter, unless few accounts match.
        ...matching(query, scope, few || (follows && key === 'created_at')),
      ]
      const beyondCursor = position ? beyond(order, position) : undefined
      const accounts = rated(db, conditions)
      const page = byHealth
        ? db
            .select({ id: accounts.id })
            .from(accounts)
            .where(and(wanted && sql`urgency IN ${listed(wanted.map(urgencyOf))}`, beyondCursor))
            .orderBy(...orderBy(order))
            .limit(limit + 1)
        : db
            .select({ id: mailAccounts.id })
            .from(mailAccounts)
            .where(and(...conditions, beyondCursor))
            .orderBy(...orderBy(order))
            .limit(limit + 1)
      // Only the rows of the page are read whole, and joined with what they need.
      const rows = await select()
        .where(sql`${mailAccounts.id} IN (SELECT id FROM ${page})`)
        .orderBy(...orderBy(accountOrder(sort)))
      const positionAfter = ({ account, urgency }: Row) =>
        cursorOf(sort, account, {
          created_at: '',
          username: account.username,
          checked_at: account.lastValidationAt?.getTime() ?? 0,
          health: urgency,
        })
      const { data, nextCursor } = pageOf(rows, limit, positionAfter, scope)
      return { data: data.map(toLoadedMailAccount), nextCursor }
    },

    /** Lists the mailboxes with an account that matches, each with its most urgent accounts in the scope. */
    async listMailboxes(
      query: MailboxQuery,
      scope: AccessScope,
    ): Promise<Page<[LoadedMailAccount, ...LoadedMailAccount[]]>> {
      const { limit, health: wanted } = query
      const { customer, createdAt, id } = mailAccounts
      const position = positionOfMailbox(query.cursor)
      // The limit keeps SQLite from joining the two levels, for which it would look up every account in the table.
      const accounts = db
        .select({ mailbox: mailbox.as('mailbox'), customer, ...(wanted && { urgency }) })
        .from(mailAccounts)
        .where(
          and(
            accountWithin(scope),
            ...matching(query, scope, isFew(query, scope)),
            position ? beyond(mailboxOrder, position) : undefined,
          ),
        )
        .orderBy(mailbox, customer)
        .limit(Number.MAX_SAFE_INTEGER)
        .as('accounts')
      const inOrder = [sql`${accounts.mailbox}`, accounts.customer]
      const found = db
        .select({ mailbox: accounts.mailbox, customer: accounts.customer })
        .from(accounts)
        .groupBy(...inOrder)
        .having(wanted && sql`max(urgency) IN ${listed(wanted.map(urgencyOf))}`)
        .orderBy(...inOrder)
        .limit(limit + 1)
        .as('found')
      const numbered = db
        .select({
          id,
          // Without parameters, as D1 would otherwise get more than it accepts.
          place:
            sql`row_number() OVER (PARTITION BY found.mailbox, found.customer ORDER BY ${urgency.sql} DESC, ${createdAt}, ${id})`
              .inlineParams()
              .as('place'),
        })
        .from(found)
        .innerJoin(mailAccounts, sql`${mailbox} = found.mailbox AND ${customer} IS found.customer`)
        .where(accountWithin(scope))
      const rows = await select()
        .where(sql`${id} IN (SELECT id FROM ${numbered} WHERE place <= ${MAX_ACCOUNTS_OF_MAILBOX})`)
        // SQLite would rather read all accounts in this order than look up those of the page.
        .orderBy(
          ...orderBy(unindexed({ by: [mailbox, customer, createdAt, id], direction: 'ascending' })),
        )
      const mailboxes = Map.groupBy(rows, ({ account }) =>
        writeCursor(cursorOfMailbox({ ...account, username: lowerAscii(account.username) })),
      )
      const loaded = [...mailboxes.values()].map(
        (rows) => rows.map(toLoadedMailAccount) as [LoadedMailAccount, ...LoadedMailAccount[]],
      )
      return pageOf(loaded, limit, ([account]) => cursorOfMailbox(account), scope)
    },

    /** Returns up to MAX_OWNERS owners of the accounts that match, and how many each has. */
    async listOwners(
      filters: MailAccountFilters,
      scope: AccessScope,
    ): Promise<{ owner: Owner | null; accounts: number }[]> {
      const { ownerType, ownerId } = mailAccounts
      // Duplicates lie side by side in another index than that of the owners.
      const owner = filters.duplicate
        ? [sql`+${ownerType}`, sql`+${ownerId}`]
        : [ownerType, ownerId]
      const rows = await db
        .select({ ownerType, ownerId, accounts: count() })
        .from(mailAccounts)
        .where(and(accountWithin(scope), ...matching(filters, scope, isFew(filters, scope))))
        .groupBy(...owner)
        .orderBy(...owner)
        .limit(MAX_OWNERS)
      return rows.map(({ accounts, ...row }) => ({ owner: toOwner(row), accounts }))
    },

    /** Counts the accounts of these customers by health. */
    async countByCustomer(names: readonly string[]): Promise<Map<string, HealthCounts>> {
      const { customer } = mailAccounts
      const rows = await db
        .select({ customer, urgency, count: count() })
        .from(mailAccounts)
        .where(sql`${customer} IN ${listed(names)}`)
        .groupBy(customer, sql`urgency`)
      const byCustomer = Map.groupBy(rows, (row) => row.customer ?? '')
      return new Map([...byCustomer].map(([name, counts]) => [name, healthCounts(counts)]))
    },

    /**
     * Counts the accounts that match, in three statements at once. Each reads one index from end to end, but for the health
     * of duplicates, whose rows are read. What is written meanwhile can count in some of them only.
     */
    async readSummary(
      filters: MailAccountFilters,
      scope: AccessScope,
    ): Promise<MailAccountSummary> {
      const few = isFew(filters, scope)
      const conditions = [accountWithin(scope), ...matching(filters, scope, few)]
      const { customer, protocol, ownerType, ownerId } = mailAccounts
      const entries = db
        .select({ accounts: count().as('accounts') })
        .from(mailAccounts)
        .where(and(...conditions))
        .groupBy(mailbox, customer, protocol, ownerType, ownerId)
        .as('entries')
      const ofMailboxes = db
        .select({ mostUrgent })
        .from(mailAccounts)
        .where(and(...conditions))
        .groupBy(mailbox, customer)
        .as('mailboxes')
      const [[counted], mailboxes, health] = await Promise.all([
        db
          .select({ entries: count(), total: sql<number>`coalesce(sum(${entries.accounts}), 0)` })
          .from(entries),
        db
          .select({ urgency: ofMailboxes.mostUrgent, count: count() })
          .from(ofMailboxes)
          .groupBy(sql`most`),
        few || filters.duplicate ? countEach(db, conditions) : countByHealth(db, conditions),
      ])
      if (!counted) throw new Error('A count without a row')
      const { total } = counted
      return {
        total,
        health,
        mailboxes: {
          total: mailboxes.reduce((sum, { count }) => sum + count, 0),
          health: healthCounts(mailboxes),
        },
        duplicates: total - counted.entries,
      }
    },

    /** Returns the id of the oldest account of the same customer and owner for the same mailbox and protocol, or null. */
    async findSame(values: MailAccountValues): Promise<string | null> {
      const columns = columnsOf(values)
      const [row] = await db
        .select({ id: mailAccounts.id })
        .from(mailAccounts)
        .where(isSame((column) => sql`${columns[column]}`))
        .orderBy(mailAccounts.createdAt)
        .limit(1)
      return row?.id ?? null
    },

    /**
     * Stores accounts with new ids in one transaction and a fixed number of statements. Skips those whose customer does
     * not have the grant, and those that must be unique and are not. Returns the ids of those stored, and the newest
     * validation since `validatedSince` by fingerprint. Throws, with nothing stored, if one of the ids exists.
     */
    async create(
      accounts: readonly (MailAccountChange & { id: string; unique: boolean })[],
      now: Date,
      validatedSince: Date,
    ): Promise<{ ids: Set<string>; validations: Map<string, ValidationRecord> }> {
      const rows = accounts.map(async ({ id, unique, values, password = null }) => ({
        id,
        unique,
        ...columnsOf(values),
        passwordSealed: password === null ? null : await seal(password, id),
        scheduledAt: 0,
        version: 1,
        createdAt: now,
        updatedAt: now,
      }))
      const grantIds = accounts.flatMap(({ values }) => values.grantId ?? [])
      const [setLast, markSaved] = adoptValidations(db, accounts, validatedSince)
      const [inserted, , , , adopted] = await db.batch([
        insertRows(
          db,
          mailAccounts,
          await Promise.all(rows),
          sql`WHERE (value ->> 'grantId' IS NULL
              OR ${customerHasGrant({ id: sql`value ->> 'grantId'`, customer: sql`value ->> 'customer'` }, now)})
            AND (NOT value ->> 'unique' OR NOT EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${isSame(
              (column) => sql`value ->> ${column}`,
            )}))`,
        ).returning({ id: mailAccounts.id }),
        insertEventsOfAccounts(
          db,
          accounts.map(({ event }) => event),
        ),
        setLast,
        markSaved,
        selectLastResults(accounts.map(({ id }) => id)),
        ...saveGrants(db, grantIds, now),
      ])
      return {
        ids: new Set(inserted.map(({ id }) => id)),
        validations: new Map(adopted.map((row) => [row.fingerprint, toValidation(row)])),
      }
    },

    /**
     * Returns the account as it is stored, with the result of its last validation. `sameLogin`: the values do not
     * change the login, so its last validation stays unless there is a newer one. Returns null, with nothing
     * changed, on a version conflict, when the customer does not have the grant, or when another account has moved this
     * one to another customer, with the grant of both.
     */
    async replace(
      seen: { id: string; version: number; customer: string | null },
      change: MailAccountChange & { sameLogin: boolean },
      released: ReleasedGrant | null,
      now: Date,
      validatedSince: Date,
    ): Promise<{ account: MailAccountRecord; lastResult: ValidationRecord | null } | null> {
      const { id, version } = seen
      const { values, password, sameLogin } = change
      const { grantId, customer } = values
      // The move of the grant, first of the writes, may have moved the account.
      const isAsSeen = and(
        eq(mailAccounts.id, id),
        eq(mailAccounts.version, version),
        sql`(${mailAccounts.customer} IS ${seen.customer} OR ${mailAccounts.customer} IS ${customer})`,
      )
      const update = db
        .update(mailAccounts)
        .set({
          ...columnsOf(values),
          ...(password !== undefined && {
            passwordSealed: password === null ? null : await seal(password, id),
          }),
          ...(!sameLogin && {
            lastValidationId: null,
            lastValidationOutcome: null,
            lastValidationAt: null,
          }),
          version: version + 1,
          updatedAt: now,
        })
        .where(
          and(
            isAsSeen,
            grantId === null
              ? undefined
              : customerHasGrant({ id: sql`${grantId}`, customer: sql`${customer}` }, now),
          ),
        )
        .returning({ id: mailAccounts.id })
      const [setLast, markSaved] = adoptValidations(db, [{ id, ...change }], validatedSince)
      const further = change.furtherEvents ?? []
      const moveGrant = db
        .update(grants)
        .set({ customer })
        .where(
          and(
            sql`${grants.id} = ${grantId}`,
            sql`${grants.customer} IS ${seen.customer}`,
            sql`${grants.customer} IS NOT ${customer}`,
            sql`EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${isAsSeen})`,
          ),
        )
      const [, , updated, , , , [row], [last]] = await db.batch([
        // First, since an account always has the customer of its grant.
        moveGrant,
        // Before the update, which replaces the last outcome.
        notifyOfRecovery(db, { id, version }, change, validatedSince),
        update,
        insertEventIfChanged(db, change.event),
        setLast,
        markSaved,
        db.select(mailAccountColumns).from(mailAccounts).where(eq(mailAccounts.id, id)),
        selectLastResults([id]),
        ...saveGrants(db, grantId === null ? [] : [grantId], now),
        ...deleteIfUnused(released),
        ...further.map((event) => insertEventOf(db, event, change.event.id)),
      ])
      return updated.length === 1 && row
        ? { account: toMailAccount(row), lastResult: last ? toValidation(last) : null }
        : null
    },

    /** Returns false, with nothing deleted, when it no longer exists, was saved again, has moved, or lost its grant. */
    async delete(
      id: string,
      seen: { version: number; grantId: string | null; customer: string | null },
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
            sql`${mailAccounts.customer} IS ${seen.customer}`,
          ),
        )
      return writeWithEvent(db, remove, event, ...deleteIfUnused(released))
    },
  }
}

/** The direction of a protocol, as in the index of accounts. */
const direction = sql`CASE ${mailAccounts.protocol} WHEN 'imap' THEN 'read' ELSE 'send' END`

/** Returns whether the index of a filter finds few accounts, even if one owner or grant has most of them. */
const isFew = ({ grant_id, username }: MailAccountFilters, scope: AccessScope) =>
  isNarrow(scope) || Boolean(grant_id || username)

/**
 * The filters, the most selective first. The health is a condition of its own. `indexed`: false if another
 * index than that of a filter is better, as the one that finds the accounts of a scope always is.
 */
const matching = (query: MailAccountFilters, scope: AccessScope, indexed: boolean): SQL[] => {
  const byOwner = indexed && !isFew(query, scope) && query.owner_id !== undefined
  return [
    // The index of an owner begins with its type.
    ...(byOwner ? [sql`${mailAccounts.ownerType} IN ${typesOf(query.owner_type)}`] : []),
    ...filteredBy(
      [
        [mailAccounts.grantId, query.grant_id],
        // Both sides in SQLite: its lower() leaves letters outside ASCII alone, JavaScript's does not.
        [
          sql`lower(${mailAccounts.username})`,
          query.username === undefined ? undefined : sql`lower(${query.username})`,
        ],
        [mailAccounts.ownerId, query.owner_id],
        [mailAccounts.ownerType, query.owner_type],
        // Follows from the protocol, but the index begins with it.
        [direction, query.direction ?? (query.protocol && directionOf(query.protocol))],
        [mailAccounts.protocol, query.protocol],
      ],
      indexed && !isNarrow(scope),
    ),
    ...(query.q ? [containing(query.q)] : []),
    ...(query.duplicate ? [isDuplicate(scope)] : []),
  ]
}

/** Returns the condition for accounts of the same customer and owner for the same mailbox and protocol. */
const isSame = (
  columnValue: (column: 'username' | 'protocol' | 'ownerType' | 'ownerId' | 'customer') => SQL,
): SQL => sql`lower(${mailAccounts.username}) = lower(${columnValue('username')})
  AND ${mailAccounts.protocol} = ${columnValue('protocol')}
  AND ${mailAccounts.ownerType} = ${columnValue('ownerType')} AND ${mailAccounts.ownerId} IS ${columnValue('ownerId')}
  AND ${mailAccounts.customer} IS ${columnValue('customer')}`

/** Types of an owner with an id. */
const typesOf = (type: MailAccountFilters['owner_type']) =>
  type === undefined ? sql`('department', 'brand', 'other')` : sql`(${type})`

/** Returns the condition that another account of the scope and customer has the same owner, protocol and mailbox. */
function isDuplicate(scope: AccessScope): SQL {
  const other = alias(mailAccounts, 'other')
  const isWithin = byScope(scope, {
    all: () => undefined,
    mail_accounts: ({ mailAccountIds }) => sql`${other.id} IN ${listed(mailAccountIds)}`,
    customer: () => undefined,
  })
  // Always true, so that SQLite follows the index in which these accounts lie side by side.
  const inOrder = sql`lower(${mailAccounts.username}) >= ''`
  return sql`${inOrder} AND EXISTS (SELECT 1 FROM ${mailAccounts} "other"
    WHERE lower(${other.username}) = lower(${mailAccounts.username}) AND ${other.id} <> ${mailAccounts.id}
      AND ${other.protocol} = ${mailAccounts.protocol} AND ${other.ownerType} = ${mailAccounts.ownerType}
      AND ${other.ownerId} IS ${mailAccounts.ownerId} AND ${other.customer} IS ${mailAccounts.customer}
      ${isWithin ? sql`AND ${isWithin}` : sql``})`
}

/**
 * Returns the condition that one of the searched columns contains the text. Not LIKE, whose patterns D1 limits to 50
 * bytes. SQLite's lower() leaves letters outside ASCII alone. These are found in lower case, in upper case, and with
 * words that begin in upper case.
 */
function containing(text: string): SQL {
  const { username, delegate, name, ownerId } = mailAccounts
  const lower = text.toLowerCase()
  const inTitleCase = lower.replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase())
  const forms = new Set([text, lower, text.toUpperCase(), inTitleCase].map(lowerAscii))
  // Compared one by one, in the form that indexes hold, so a search reads one of them, and builds no text for each
  // account.
  const found = [...forms].flatMap((form) =>
    [username, delegate, name, ownerId].map((column) => sql`instr(lower(${column}), ${form}) > 0`),
  )
  return sql`(${sql.join(found, sql` OR `)})`
}

/** Does what SQLite's lower() does. */
const lowerAscii = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Stored as the type of an account without an owner, so that indexes find these like any other. */
const NO_OWNER: MailAccountFilters['owner_type'] = 'none'

type Row = StoredRow<typeof readable>

const toOwner = ({ ownerType, ownerId }: Pick<Row, 'ownerType' | 'ownerId'>) =>
  ownerType === NO_OWNER
    ? null
    : ({ type: ownerType, ...(ownerId !== null && { id: ownerId }) } as Owner)

function toMailAccount({
  ownerType,
  ownerId,
  passwordSealed: _password,
  lastValidationId: id,
  lastValidationOutcome: outcome,
  lastValidationAt: checkedAt,
  ...account
}: Row): MailAccountRecord {
  const isValidated = id !== null && outcome !== null && checkedAt !== null
  return {
    ...account,
    owner: toOwner({ ownerType, ownerId }),
    lastValidation: isValidated ? { id, outcome, checkedAt } : null,
  }
}

export const toStoredMailAccount = (sealer: Sealer, row: Row): StoredMailAccount => ({
  ...toMailAccount(row),
  openPassword: () => sealer.openIfIntact(row.passwordSealed, passwordContext(row.id)),
})

/** Returns the id of the newest validation of this login since then, as a subquery. */
const newestValidation = (fingerprint: SQL, since: Date): SQL =>
  sql`(SELECT seen.id FROM ${validations} AS seen
    WHERE seen.fingerprint = ${fingerprint} AND seen.checked_at >= ${since}
    ORDER BY seen.checked_at DESC LIMIT 1)`

/**
 * Returns a statement that lets webhooks be notified of the validation of a form, if the account is saved with it and
 * had failed before.
 */
const notifyOfRecovery = (
  db: Database,
  { id, version }: { id: string; version: number },
  { fingerprint, sameLogin }: { fingerprint: string; sameLogin: boolean },
  since: Date,
) =>
  db
    .update(events)
    .set({ pendingDelivery: true })
    .where(
      and(
        sql`${events.subject} = ${newestValidation(sql`${fingerprint}`, since)}`,
        eq(events.type, 'validation.passed'),
        sql`EXISTS (SELECT 1 FROM ${mailAccounts} AS account JOIN ${validations} AS seen ON seen.id = ${events.subject}
          WHERE account.id = ${id} AND account.version = ${version}
          AND account.last_validation_outcome = 'failed' AND account.last_validation_id <> seen.id
          ${sameLogin ? sql`AND account.last_validation_at < seen.checked_at` : sql``})`,
      ),
    )

/** Returns the columns of an account's values. Does not compile while a field has no column. */
const columnsOf = ({ owner, ...columns }: MailAccountValues) => ({
  ...(columns satisfies Pick<typeof mailAccounts.$inferInsert, keyof typeof columns>),
  ownerType: owner?.type ?? NO_OWNER,
  ownerId: owner && 'id' in owner ? owner.id : null,
})

/** Returns the condition that the customer has the grant. An unsaved one past its hour does not count. */
const customerHasGrant = ({ id, customer }: { id: SQL; customer: SQL }, now: Date): SQL =>
  sql`EXISTS (SELECT 1 FROM ${grants} WHERE ${grants.id} = ${id} AND ${grants.customer} IS ${customer}
    AND (${grants.savedAt} IS NOT NULL OR ${grants.expiresAt} > ${now}))`

/**
 * Returns two statements for accounts whose events the batch has written. The newest validation of each login since then
 * becomes the account's last one, unless that is as new, and part of its history. Of several accounts with the
 * same values one gets it.
 */
function adoptValidations(
  db: Database,
  accounts: readonly Pick<MailAccountChange & { id: string }, 'id' | 'fingerprint' | 'event'>[],
  since: Date,
) {
  const saved = JSON.stringify(
    accounts.map(({ id, fingerprint, event }) => ({ id, fingerprint, event: event.id })),
  )
  const isWritten = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.id} = value ->> 'event')`
  const newest = sql`(SELECT value ->> 'id' AS account, newest.id, newest.outcome, newest.checked_at
    FROM json_each(${saved}) JOIN ${validations} AS newest
      ON newest.id = ${newestValidation(sql`value ->> 'fingerprint'`, since)}
    WHERE ${isWritten}) AS newest`
  const adopted = sql`(SELECT account.id AS account, account.last_validation_id AS validation
    FROM json_each(${saved}) JOIN ${mailAccounts} AS account ON account.id = value ->> 'id'
    WHERE ${isWritten}) AS adopted`
  return [
    db
      .update(mailAccounts)
      .set({
        lastValidationId: sql`newest.id`,
        lastValidationOutcome: sql`newest.outcome`,
        lastValidationAt: sql`newest.checked_at`,
      })
      .from(newest)
      .where(
        and(
          sql`${mailAccounts.id} = newest.account`,
          sql`coalesce(${mailAccounts.lastValidationAt}, 0) < newest.checked_at`,
        ),
      ),
    db
      .update(validations)
      .set({ saved: true, mailAccountId: sql`adopted.account` })
      .from(adopted)
      .where(
        and(
          sql`${validations.id} = adopted.validation`,
          eq(validations.saved, false),
          sql`coalesce(${validations.mailAccountId}, adopted.account) = adopted.account`,
        ),
      ),
  ] as const
}

/**
 * Saves those of these grants that an account uses, since the write before it in the batch may have changed nothing.
 */
const saveGrants = (db: Database, ids: readonly string[], now: Date) =>
  ids.length === 0
    ? []
    : [
        db
          .update(grants)
          .set({ savedAt: now, expiresAt: null })
          .where(
            and(
              sql`${grants.id} IN ${listed(ids)}`,
              isNull(grants.savedAt),
              sql`EXISTS (SELECT 1 FROM ${mailAccounts} WHERE ${mailAccounts.grantId} = ${grants.id})`,
            ),
          ),
      ]
