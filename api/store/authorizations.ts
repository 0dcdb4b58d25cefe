/**
 * Authorizations. Every step that may happen only once is one conditional UPDATE, which returns true to
 * the caller that changed the row and false to all others.
 */
import {
  and,
  desc,
  eq,
  exists,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { AuthorizationQuery } from '../../schema/authorization.ts'
import { apiKeys } from '../../schema/d1/operating-tables.ts'
import { authorizations, grants, grantTokens, mailAccounts } from '../../schema/d1/tables.ts'
import type { AccessScope, LinkEnd } from '../model/access.ts'
import type {
  AuthorizationRecord,
  AuthorizationWithGrant,
  NewAuthorization,
  ReturnedAuthorization,
  SignInStart,
} from '../model/authorization.ts'
import type { EventRecord } from '../model/event.ts'
import type { GrantRecord, NewGrant, UnsavedUntil } from '../model/grant.ts'
import type { Page } from '../model/storage.ts'
import { type AccessBinder, personValues } from './access-binding.ts'
import { authorizationWithin, grantWithin, isNarrow } from './access-scope.ts'
import { openAdminLinks } from './admin-consents.ts'
import { apiKeyColumns, toApiKey } from './api-keys.ts'
import { type Database, insertSelect, type Row } from './database.ts'
import { insertEventIfChanged, writeWithEvent } from './events.ts'
import {
  grantColumns,
  grantTokenColumns,
  grantTokenList,
  isCurrentApp,
  putTokens,
  replaceTokens,
  toGrant,
  tokenOfGrant,
  toWholeGrant,
  unsavedGrantRows,
} from './grants.ts'
import { after, byCreation, type Filter, filteredBy, newestFirst, pageOf } from './pagination.ts'
import type { Sealer } from './seal.ts'
import { endLinks, openLinksOf, reportLinks } from './sign-in-links.ts'

const verifierContext = (row: string) => ({ table: 'authorizations', row, column: 'verifier' })

/** All columns but those that one query alone needs, and the labels, which only maintenance needs. */
const {
  stateHash: _state,
  verifierSealed: _verifier,
  verifierLabel: _verifierLabel,
  consumedBy: _consumedBy,
  adminLinkLabel: _adminLinkLabel,
  ...readable
} = getTableColumns(authorizations)

/**
 * Binds a secret to the values that its authorization was created with, none of which changes later. A hash that is
 * copied to another row therefore opens nothing there, and a link cannot be turned to another mailbox.
 */
function boundTo(secret: string, created: NewAuthorization): string {
  const { id, customer, username, delegate, protocols, origin, returnUrl, mailAccountId, apply } =
    created
  const { sent, requestedBy, requestedByPerson, createdAt } = created
  const bound = Object.values({
    id,
    customer,
    username,
    delegate,
    protocols,
    origin,
    returnUrl,
    mailAccountId,
    apply,
    sent,
    requestedBy,
    requestedByPerson: requestedByPerson && personValues(requestedByPerson),
    createdAt,
  } satisfies Record<keyof Omit<NewAuthorization, 'expiresAt'>, unknown>)
  return JSON.stringify([secret, ...bound])
}

export function createAuthorizationStore(db: Database, sealer: Sealer, binder: AccessBinder) {
  const pending = (id: string) =>
    and(eq(authorizations.id, id), eq(authorizations.status, 'pending'))

  const hasState = (state: string) =>
    inArray(authorizations.stateHash, binder.lookupHashes('sign-in state', state))

  const pendingAt = (id: string, now: Date) => and(pending(id), gt(authorizations.expiresAt, now))

  const withOldGrant = () =>
    db
      .select({
        authorization: readable,
        verifierSealed: authorizations.verifierSealed,
        grant: grantColumns,
        token: grantTokenColumns,
        resource: mailAccounts.resource,
        requester: apiKeyColumns,
      })
      .from(authorizations)
      .leftJoin(apiKeys, eq(apiKeys.id, authorizations.requestedBy))
      .leftJoin(
        mailAccounts,
        and(
          eq(authorizations.apply, 'at_once'),
          eq(mailAccounts.id, authorizations.mailAccountId),
          // The account may have been moved to another customer since.
          sql`${mailAccounts.customer} IS ${authorizations.customer}`,
        ),
      )
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(grantTokens, tokenOfGrant(grants.id, mailAccounts.resource))

  const selectWithGrant = (scope: AccessScope) =>
    db
      .select({ authorization: readable, grant: grantColumns, tokens: grantTokenList.as('tokens') })
      .from(authorizations)
      .leftJoin(grants, and(eq(grants.id, authorizations.grantId), grantWithin(scope)))
  type JoinedRow = Awaited<ReturnType<typeof selectWithGrant>>[number]
  const toWithGrant = ({ authorization, grant, tokens }: JoinedRow): AuthorizationWithGrant => ({
    authorization: toAuthorization({ sealer, binder }, authorization),
    grant: grant && toWholeGrant(grant, tokens),
  })

  const toReturned = ({
    authorization,
    verifierSealed,
    grant,
    token,
    resource,
    requester,
  }: Awaited<ReturnType<typeof withOldGrant>>[number]): ReturnedAuthorization => ({
    authorization: toAuthorization({ sealer, binder }, authorization),
    requester: requester && toApiKey(binder, requester),
    oldGrant: grant && toGrant(grant, token, resource ?? 'outlook'),
    openVerifier: async () =>
      verifierSealed === null
        ? null
        : sealer.open(verifierSealed, verifierContext(authorization.id)),
  })

  return {
    /**
     * Creates it and ends those that the same requester has open for the same mailbox of the customer, for the reason
     * `replaced`. Returns false, with nothing created, if the requester has `limit` others open.
     */
    async create(
      input: NewAuthorization,
      secrets: { link: string; status: string },
      { limit, replaced }: { limit: number; replaced: LinkEnd },
      event: EventRecord,
    ): Promise<boolean> {
      const now = input.createdAt
      const open = openLinksOf(input.requestedBy, now)
      const sameMailbox = sql`lower(${authorizations.username}) = lower(${input.username})
        AND ${authorizations.customer} IS ${input.customer}`
      const row = {
        ...input,
        linkHash: binder.hash('sign-in link', boundTo(secrets.link, input)),
        statusHash: binder.hash('sign-in status', boundTo(secrets.status, input)),
      }
      const [, created] = await db.batch([
        endLinks(db, and(open, sameMailbox), replaced, now),
        insertSelect(
          db,
          authorizations,
          row,
          sql`WHERE (SELECT count(*) FROM ${authorizations} WHERE ${open}) < ${limit}`,
        ),
        insertEventIfChanged(db, event),
      ])
      return created.meta.changes > 0
    },

    async list(
      { status, username, limit, cursor }: AuthorizationQuery,
      now: Date,
      scope: AccessScope,
    ): Promise<Page<AuthorizationWithGrant>> {
      const { createdAt, expiresAt, id } = authorizations
      const isPending = status === 'pending' || status === 'expired'
      const filters: Filter[] = [
        [
          sql`lower(${authorizations.username})`,
          username === undefined ? undefined : sql`lower(${username})`,
        ],
        [authorizations.status, isPending ? 'pending' : status],
      ]
      const rows = await selectWithGrant(scope)
        .where(
          and(
            authorizationWithin(scope),
            ...filteredBy(filters, !isNarrow(scope)),
            status === 'pending' ? gt(expiresAt, now) : undefined,
            status === 'expired' ? lte(expiresAt, now) : undefined,
            after(cursor, createdAt, id),
          ),
        )
        .orderBy(...newestFirst(createdAt, id))
        .limit(limit + 1)
      const place = ({ authorization }: AuthorizationWithGrant) => byCreation(authorization)
      return pageOf(rows.map(toWithGrant), limit, place, scope)
    },

    async read(id: string, scope: AccessScope): Promise<AuthorizationRecord | null> {
      const [row] = await db
        .select(readable)
        .from(authorizations)
        .where(and(eq(authorizations.id, id), authorizationWithin(scope)))
      return row ? toAuthorization({ sealer, binder }, row) : null
    },

    async readWithGrant(id: string, scope: AccessScope): Promise<AuthorizationWithGrant | null> {
      const [row] = await selectWithGrant(scope).where(
        and(eq(authorizations.id, id), authorizationWithin(scope)),
      )
      return row ? toWithGrant(row) : null
    },

    async readByState(state: string): Promise<ReturnedAuthorization | null> {
      const [row] = await withOldGrant().where(hasState(state))
      return row ? toReturned(row) : null
    },

    async readWithOldGrant(id: string): Promise<ReturnedAuthorization | null> {
      const [row] = await withOldGrant().where(eq(authorizations.id, id))
      return row ? toReturned(row) : null
    },

    /** Returns false when it has ended, expired or returned from Microsoft in the meantime. */
    async start(
      authorization: AuthorizationRecord,
      start: SignInStart,
      now: Date,
    ): Promise<boolean> {
      const { id } = authorization
      const { state, browser, verifier, expiresAt, ...signIn } = start
      const updated = await db
        .update(authorizations)
        .set({
          signIn,
          stateHash: binder.hash('sign-in state', state),
          browserHash: binder.hash('sign-in browser', boundTo(browser, authorization)),
          verifierSealed: await sealer.seal(verifier, verifierContext(id)),
          startedAt: now,
          expiresAt,
        })
        .where(and(pendingAt(id, now), isNull(authorizations.consumedAt)))
      return updated.meta.changes > 0
    },

    /**
     * Consumes the sign-in (single use) and deletes its verifier. `consumer` is the random id of this request. The
     * result must be stored before `expiresAt`. Returns false if the sign-in has another state, was consumed before, or
     * has ended or expired.
     */
    async consume(
      id: string,
      state: string,
      consumer: string,
      { now, expiresAt }: { now: Date; expiresAt: Date },
    ): Promise<boolean> {
      const updated = await db
        .update(authorizations)
        .set({ consumedAt: now, consumedBy: consumer, expiresAt, verifierSealed: null })
        .where(and(pendingAt(id, now), hasState(state), isNull(authorizations.consumedAt)))
      return updated.meta.changes > 0
    },

    /** Returns true if this request consumed the sign-in. For a write whose response D1 lost. */
    async isConsumedBy(id: string, consumer: string): Promise<boolean> {
      const [row] = await db
        .select({ consumedBy: authorizations.consumedBy })
        .from(authorizations)
        .where(eq(authorizations.id, id))
      return row?.consumedBy === consumer
    },

    /**
     * Marks that another account signed in, so the person may decide until `expiresAt`. Returns false if it had ended
     * or expired.
     */
    async awaitDecision(id: string, now: Date, expiresAt: Date): Promise<boolean> {
      const updated = await db
        .update(authorizations)
        .set({ mismatch: true, expiresAt })
        .where(pendingAt(id, now))
      return updated.meta.changes > 0
    },

    /**
     * Completes it and stores the new grant, unsaved until `unsaved.expiresAt`. Does neither if it had ended or
     * expired, or if the settings have another app. Throws if repeated, since the grant's ID exists. D1 may have lost
     * only the first response.
     */
    async complete(
      id: string,
      grant: NewGrant,
      now: Date,
      unsaved: UnsavedUntil,
      event: EventRecord,
    ): Promise<boolean> {
      const rows = await unsavedGrantRows(sealer, grant, now, unsaved)
      const isCompleted = sql`EXISTS (SELECT 1 FROM ${authorizations}
        WHERE ${authorizations.id} = ${id} AND ${authorizations.grantId} = ${grant.id})`
      return writeWithEvent(
        db,
        db
          .update(authorizations)
          .set({ status: 'completed', endedAt: now, grantId: grant.id })
          .where(and(pendingAt(id, now), isCurrentApp(grant))),
        event,
        insertSelect(db, grants, rows.grant, sql`WHERE ${isCompleted}`),
        putTokens(db, rows.tokens, isCompleted),
      )
    },

    /**
     * Completes it and stores the new tokens in an existing grant (reconnecting without a form). Does neither if it had
     * ended or expired, if the grant was changed or deleted since it was read, or if the settings have another app.
     * Cancels the lease of a refresh in progress. `recovered`: event if the grant had failed.
     */
    async completeWith(
      id: string,
      old: Pick<GrantRecord, 'id' | 'version'>,
      fresh: NewGrant,
      now: Date,
      event: EventRecord,
      recovered: EventRecord | null,
    ): Promise<boolean> {
      const stillPending = db
        .select({ id: authorizations.id })
        .from(authorizations)
        .where(pendingAt(id, now))
      const { ofGrant, ofTokens, isReplaced } = await replaceTokens(db, sealer, old, fresh, {
        writer: id,
        condition: exists(stillPending),
        now,
      })
      const [, updated] = await db.batch([
        ofGrant,
        db
          .update(authorizations)
          .set({ status: 'completed', endedAt: now, grantId: old.id })
          .where(and(pending(id), isReplaced)),
        ...(recovered ? [insertEventIfChanged(db, recovered)] : []),
        insertEventIfChanged(db, event),
        ofTokens,
      ])
      return updated.meta.changes > 0
    },

    async fail(
      id: string,
      {
        mismatch,
        ...problem
      }: NonNullable<AuthorizationRecord['problem']> & { mismatch?: boolean },
      now: Date,
      event: EventRecord,
    ): Promise<boolean> {
      return writeWithEvent(
        db,
        db
          .update(authorizations)
          .set({
            status: 'failed',
            endedAt: now,
            problem,
            ...(mismatch && { mismatch }),
          })
          .where(pending(id)),
        event,
      )
    },

    /**
     * Notifies webhooks of sent links whose sign-in expired before it ended, once each and up to `limit`. Returns how
     * many.
     */
    async reportExpired(
      cause: Pick<EventRecord, 'at' | 'actor'>,
      end: LinkEnd,
      limit: number,
    ): Promise<number> {
      const { expiresAt } = authorizations
      // Written as in the partial index, which SQLite would not use otherwise.
      const due = sql`${authorizations}.rowid IN (SELECT rowid FROM ${authorizations} WHERE sent = 1
        AND ended_at IS NULL AND ${expiresAt} <= ${cause.at} LIMIT ${sql.param(limit)})`
      const [, reported] = await db.batch([
        reportLinks(db, due, end, cause),
        db
          .update(authorizations)
          .set({ endedAt: sql`${expiresAt}` })
          .where(due),
      ])
      return reported.meta.changes
    },

    /**
     * Returns true if the last other sign-in for the same mailbox and customer came back with the wrong account, and
     * was not completed.
     */
    async lastWasMismatch(id: string): Promise<boolean> {
      const ofThis = (column: SQL) =>
        sql`(SELECT ${column} FROM ${authorizations} "this" WHERE "this"."id" = ${id})`
      const [last] = await db
        .select({ status: authorizations.status, mismatch: authorizations.mismatch })
        .from(authorizations)
        .where(
          and(
            sql`lower(${authorizations.username}) = ${ofThis(sql`lower("this"."username")`)}`,
            sql`${authorizations.customer} IS ${ofThis(sql`"this"."customer"`)}`,
            ne(authorizations.id, id),
            isNotNull(authorizations.consumedAt),
          ),
        )
        .orderBy(desc(authorizations.consumedAt))
        .limit(1)
      return last?.mismatch === true && last.status !== 'completed'
    },
  }
}

function toAuthorization(
  { sealer, binder }: { sealer: Sealer; binder: AccessBinder },
  row: Row<typeof readable>,
): AuthorizationRecord {
  const { linkHash, statusHash, browserHash, adminLinkSealed, ...record } = row
  const hashes = { link: linkHash, status: statusHash, browser: browserHash }
  return {
    ...record,
    proves: (secret, text) =>
      binder.matches(`sign-in ${secret}`, boundTo(text, record), hashes[secret]),
    openAdminLinks: () => openAdminLinks(sealer, { id: row.id, adminLinkSealed }),
  }
}
