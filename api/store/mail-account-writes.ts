/**
 * Saving and deleting mail accounts with their grants: a saved account saves its grant, and the last
 * account deletes it. Each write is one batch, all or nothing, and changes nothing if the account was
 * changed since it was read.
 */
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { grants, mailAccounts } from '../../schema/d1/tables.ts'
import type { EventRecord } from '../model/event.ts'
import type {
  LastValidation,
  MailAccountChange,
  MailAccountValues,
  ReleasedGrant,
} from '../model/mail-account.ts'
import { type Database, insertSelect } from './database.ts'
import { insertEventIfChanged } from './events.ts'
import { deleteGrantIfUnused } from './grants.ts'
import type { Sealer } from './seal.ts'

export const passwordContext = (row: string) => ({
  table: 'mail_accounts',
  row,
  column: 'password',
})

export function createMailAccountWrites(db: Database, sealer: Sealer) {
  const seal = (password: string, id: string) => sealer.seal(password, passwordContext(id))

  const deleteIfUnused = (grant: ReleasedGrant | null) =>
    grant ? [deleteGrantIfUnused(db, grant.id), insertEventIfChanged(db, grant.event)] : []

  return {
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

const columnsOf = (values: MailAccountValues) => ({
  name: values.name,
  ownerType: values.owner.type,
  ownerId: values.owner.type === 'global' ? null : values.owner.id,
  protocol: values.protocol,
  host: values.host,
  port: values.port,
  security: values.security,
  username: values.username,
  delegate: values.delegate,
  sender: values.from,
  authentication: values.authentication,
  grantId: values.grantId,
  tenant: values.tenant,
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
