/** Links for tenant admins, found by the keyed hash of their state, and usable until they have succeeded. */
import { and, eq, getTableColumns, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { adminConsents, authorizations } from '../../schema/d1/tables.ts'
import { type AdminConsentRecord, CONSENTS_PER_CUSTOMER } from '../model/authorization.ts'
import type { EventRecord } from '../model/event.ts'
import type { AccessBinder } from './access-binding.ts'
import { type Database, insertSelect } from './database.ts'
import { insertEventIfChanged, writeWithEvent } from './events.ts'
import type { Sealer } from './seal.ts'

type NewAdminConsent = Omit<AdminConsentRecord, 'succeededAt'> & {
  state: string
  /** Records that it was created. */
  event: EventRecord
}

const { stateHash: _state, ...columns } = getTableColumns(adminConsents)

type NewAdminConsents = readonly [NewAdminConsent, ...NewAdminConsent[]]

const linkContext = (row: string) => ({ table: 'authorizations', row, column: 'admin_link' })

/** Opens the links of an authorization, of which there are none until one may help. Throws KeyMissing or SealBroken. */
export const openAdminLinks = async (
  sealer: Sealer,
  { id, adminLinkSealed }: Pick<typeof authorizations.$inferSelect, 'id' | 'adminLinkSealed'>,
): Promise<string[]> =>
  adminLinkSealed === null ? [] : (await sealer.open(adminLinkSealed, linkContext(id))).split(' ')

export function createAdminConsentStore(db: Database, sealer: Sealer, binder: AccessBinder) {
  const toRow = ({ state, event: _event, ...input }: NewAdminConsent) => ({
    ...input,
    stateHash: binder.hash('admin consent', state),
  })

  /**
   * Returns the condition that their customer has at most CONSENTS_PER_CUSTOMER open links with these. Without a
   * customer, it is always true.
   */
  const mayOpen = ([{ customer, createdAt }, ...others]: NewAdminConsents): SQL =>
    customer === null
      ? sql`TRUE`
      : sql`(SELECT count(*) FROM ${adminConsents} WHERE ${adminConsents.customer} = ${customer}
          AND ${adminConsents.expiresAt} > ${createdAt}
          AND ${adminConsents.succeededAt} IS NULL) < ${CONSENTS_PER_CUSTOMER - others.length}`

  const insertIfChanged = (input: NewAdminConsent) => [
    insertSelect(db, adminConsents, toRow(input), sql`WHERE changes() > 0`),
    insertEventIfChanged(db, input.event),
  ]

  return {
    /** Stores links. Returns false, with nothing stored, if their customer would have too many open ones. */
    async create([first, ...others]: NewAdminConsents): Promise<boolean> {
      return writeWithEvent(
        db,
        insertSelect(db, adminConsents, toRow(first), sql`WHERE ${mayOpen([first, ...others])}`),
        first.event,
        ...others.flatMap(insertIfChanged),
      )
    },

    /**
     * Creates them with the links of an authorization. Returns false, with nothing stored, if that has some, or their customer
     * has too many open ones.
     */
    async createFor(
      authorizationId: string,
      urls: readonly string[],
      inputs: NewAdminConsents,
    ): Promise<boolean> {
      const [updated] = await db.batch([
        db
          .update(authorizations)
          .set({ adminLinkSealed: await sealer.seal(urls.join(' '), linkContext(authorizationId)) })
          .where(
            and(
              eq(authorizations.id, authorizationId),
              isNull(authorizations.adminLinkSealed),
              mayOpen(inputs),
            ),
          ),
        ...inputs.flatMap(insertIfChanged),
      ])
      return updated.meta.changes > 0
    },

    async readByState(state: string): Promise<AdminConsentRecord | null> {
      const hashes = binder.lookupHashes('admin consent', state)
      const [row] = await db
        .select(columns)
        .from(adminConsents)
        .where(inArray(adminConsents.stateHash, hashes))
      return row ?? null
    },

    /** Returns the links of this authorization. Throws KeyMissing or SealBroken. */
    async readLinksOf(id: string): Promise<string[]> {
      const { adminLinkSealed } = authorizations
      const [row] = await db
        .select({ id: authorizations.id, adminLinkSealed })
        .from(authorizations)
        .where(eq(authorizations.id, id))
      return row ? openAdminLinks(sealer, row) : []
    },

    /** Records that the link was used. Returns false if it had been used before. */
    async succeed(id: string, now: Date, event: EventRecord): Promise<boolean> {
      const [updated] = await db.batch([
        db
          .update(adminConsents)
          .set({ succeededAt: now })
          .where(and(eq(adminConsents.id, id), isNull(adminConsents.succeededAt))),
        insertEventIfChanged(db, event),
      ])
      return updated.meta.changes > 0
    },
  }
}
