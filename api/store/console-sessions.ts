/**
 * Sessions of the console, found by the keyed hash of the random id in their cookie. A sealed hash in the row vouches
 * for the rest of it.
 */
import { and, eq, getTableColumns, gt, inArray, isNull, notInArray, sql } from 'drizzle-orm'
import type { ListQuery } from '../../schema/common.ts'
import { apiKeys, consoleSessions } from '../../schema/d1/operating-tables.ts'
import {
  type ConsoleSessionRecord,
  type EndedSessions,
  type LinkEnd,
  type ListedSession,
  type NewConsoleSession,
  type SessionOwner,
  type SessionWithKey,
  UNLIMITED,
} from '../model/access.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/storage.ts'
import { type AccessBinder, type Bound, personValues } from './access-binding.ts'
import { apiKeyColumns, toApiKey } from './api-keys.ts'
import type { Database, Row } from './database.ts'
import { insertEvent, insertEventIfChanged, writeWithEvent } from './events.ts'
import { after, byCreation, newestFirst, pageOf } from './pagination.ts'
import { endLinksOf } from './sign-in-links.ts'

const { bindingLabel: _label, ...readable } = getTableColumns(consoleSessions)

type SessionRow = Row<typeof readable>

const context = (row: string) => ({ table: 'console_sessions', row, column: 'binding' })

/** Lists what the sealed hash vouches for, always in this order. */
const boundTo = ({ key, person, createdAt, expiresAt }: NewConsoleSession): Bound =>
  Object.values({
    key: key?.id ?? null,
    person: person && personValues(person),
    createdAt,
    expiresAt,
  } satisfies Record<keyof NewConsoleSession, unknown>)

export function createConsoleSessionStore(db: Database, binder: AccessBinder) {
  const endStatements = ({ personId, kept, event, links }: EndedSessions) =>
    [
      db.delete(consoleSessions).where(
        and(
          // Sessions of people have no key. With this condition, SQLite searches the column's index.
          isNull(consoleSessions.keyId),
          sql`${consoleSessions.person} ->> 'id' = ${personId}`,
          notInArray(sql`${consoleSessions.person} ->> 'role'`, [...kept]),
        ),
      ),
      insertEventIfChanged(db, event),
      ...(links ? endLinksOf(db, personId, links, event) : []),
    ] as const

  const unexpired = (now: Date) => gt(consoleSessions.expiresAt, now)

  const hashesOf = (cookie: string) => binder.lookupHashes('console session', cookie)

  const selectWithKey = () =>
    db
      .select({ session: readable, key: apiKeyColumns })
      .from(consoleSessions)
      .leftJoin(apiKeys, eq(apiKeys.id, consoleSessions.keyId))
  type JoinedRow = Awaited<ReturnType<typeof selectWithKey>>[number]
  const toSessionWithKey = ({ session, key }: JoinedRow): SessionWithKey => ({
    record: toSession(binder, session),
    key: key && toApiKey(binder, key),
  })

  return {
    /**
     * Adds the session of the cookie with this random id, and ends others in the same step. `secretHash`: the hash to
     * which the session is bound.
     */
    async add(
      session: NewConsoleSession,
      { id, secretHash }: { id: string; secretHash: string },
      event: EventRecord,
      ended?: EndedSessions,
    ): Promise<ConsoleSessionRecord> {
      const idHash = binder.hash('console session', id)
      const row: SessionRow = {
        idHash,
        bindingSealed: await binder.seal(secretHash, context(idHash), boundTo(session)),
        keyId: session.key?.id ?? null,
        person: session.person,
        createdAt: session.createdAt,
        lastUsedAt: null,
        expiresAt: session.expiresAt,
      }
      await db.batch([
        db.insert(consoleSessions).values(row),
        insertEvent(db, event),
        ...(ended ? endStatements(ended) : []),
      ])
      return toSession(binder, row)
    },

    /** Reads a session by its hash. Returns null if it is missing or has expired. */
    async read(idHash: string, now: Date): Promise<ConsoleSessionRecord | null> {
      const [row] = await db
        .select(readable)
        .from(consoleSessions)
        .where(and(eq(consoleSessions.idHash, idHash), unexpired(now)))
      return row ? toSession(binder, row) : null
    },

    /**
     * Reads the session of the cookie with this random id, and the key that opened it. Returns null if it is missing or
     * has expired.
     */
    async readByCookie(id: string, now: Date): Promise<SessionWithKey | null> {
      const [row] = await selectWithKey().where(
        and(inArray(consoleSessions.idHash, hashesOf(id)), unexpired(now)),
      )
      return row ? toSessionWithKey(row) : null
    },

    /** Lists open sessions, newest first. `cookie`: the random id in the caller's cookie, if any. */
    async list(
      { limit, cursor }: ListQuery,
      now: Date,
      cookie: string | undefined,
    ): Promise<Page<ListedSession>> {
      const current = cookie === undefined ? [] : hashesOf(cookie)
      const { createdAt, idHash } = consoleSessions
      const rows = await selectWithKey()
        .where(and(after(cursor, createdAt, idHash), unexpired(now)))
        .orderBy(...newestFirst(createdAt, idHash))
        .limit(limit + 1)
      const sessions = rows.map((row) => ({
        ...toSessionWithKey(row),
        isCurrent: current.includes(row.session.idHash),
      }))
      const place = ({ record }: ListedSession) => byCreation({ ...record, id: record.idHash })
      return pageOf(sessions, limit, place, UNLIMITED)
    },

    /** Records a use, unless one was recorded after `unlessSince`, so that only one of simultaneous calls writes. */
    async recordUse(idHash: string, now: Date, unlessSince: Date): Promise<void> {
      const { lastUsedAt } = consoleSessions
      await db
        .update(consoleSessions)
        .set({ lastUsedAt: now })
        .where(
          and(
            eq(consoleSessions.idHash, idHash),
            sql`coalesce(${lastUsedAt}, 0) <= ${unlessSince}`,
          ),
        )
    },

    async removeOfPerson(ended: EndedSessions): Promise<void> {
      await db.batch(endStatements(ended))
    },

    /**
     * Ends a session, and with `links` also the open sign-in links of a person. Idempotent: a repeat writes no event.
     */
    async remove(
      idHash: string,
      event: EventRecord,
      links: { of: string; end: LinkEnd } | null,
    ): Promise<void> {
      const remove = db.delete(consoleSessions).where(eq(consoleSessions.idHash, idHash))
      const ended = links ? endLinksOf(db, links.of, links.end, event) : []
      await writeWithEvent(db, remove, event, ...ended)
    },
  }
}

function toSession(binder: AccessBinder, row: SessionRow): ConsoleSessionRecord {
  const { keyId, person, bindingSealed, ...columns } = row
  // One of the two in every row that Mailgrant wrote. The binding rejects all others.
  const owner = { key: keyId === null ? null : { id: keyId }, person } as SessionOwner
  const session = { ...columns, ...owner }
  return {
    ...session,
    openBinding: () => binder.open(bindingSealed, context(row.idHash), boundTo(session)),
  }
}
