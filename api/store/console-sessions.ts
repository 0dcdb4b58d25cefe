/**
 * Sessions of the console, found by the keyed hash of the random id in their cookie. A sealed hash in the row vouches
 * for the rest of it.
 */
import { and, eq, getTableColumns, gt, inArray, notInArray, sql } from 'drizzle-orm'
import type { ListQuery } from '../../schema/common.ts'
import type { ConsolePerson } from '../../schema/console-session.ts'
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
import { type Database, time } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import { after, newestFirst, pageOf } from './pagination.ts'
import { endLinksOf } from './sign-in-links.ts'

const { bindingLabel: _label, ...readable } = getTableColumns(consoleSessions)

type SessionRow = Pick<typeof consoleSessions.$inferSelect, keyof typeof readable>

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
          eq(consoleSessions.keyId, ''),
          eq(consoleSessions.personId, personId),
          notInArray(consoleSessions.role, [...kept]),
        ),
      ),
      insertEventIfChanged(db, event),
      ...(links ? endLinksOf(db, personId, links, event) : []),
    ] as const

  const unexpired = (now: Date) => gt(consoleSessions.expiresAt, now.getTime())

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
      const { key, person } = session
      const idHash = binder.hash('console session', id)
      const row: SessionRow = {
        idHash,
        bindingSealed: await binder.seal(secretHash, context(idHash), boundTo(session)),
        keyId: key?.id ?? '',
        personId: person?.id ?? null,
        personName: person?.name ?? null,
        role: person?.role ?? null,
        roleSource: person?.roleSource ?? null,
        clientId: person?.clientId ?? null,
        cloud: person?.cloud ?? null,
        tenantId: person?.tenantId ?? null,
        createdAt: session.createdAt.getTime(),
        lastUsedAt: null,
        expiresAt: session.expiresAt.getTime(),
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
      const place = ({ session }: JoinedRow) => ({ at: session.createdAt, id: session.idHash })
      return pageOf(
        rows,
        limit,
        place,
        (row) => ({
          ...toSessionWithKey(row),
          isCurrent: current.includes(row.session.idHash),
        }),
        UNLIMITED,
      )
    },

    /** Records a use, unless one was recorded after `unlessSince`, so that only one of simultaneous calls writes. */
    async recordUse(idHash: string, now: Date, unlessSince: Date): Promise<void> {
      const { lastUsedAt } = consoleSessions
      await db
        .update(consoleSessions)
        .set({ lastUsedAt: now.getTime() })
        .where(
          and(
            eq(consoleSessions.idHash, idHash),
            sql`coalesce(${lastUsedAt}, 0) <= ${unlessSince.getTime()}`,
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
      await db.batch([
        db.delete(consoleSessions).where(eq(consoleSessions.idHash, idHash)),
        insertEventIfChanged(db, event),
        ...(links ? endLinksOf(db, links.of, links.end, event) : []),
      ])
    },
  }
}

function toSession(binder: AccessBinder, row: SessionRow): ConsoleSessionRecord {
  const session: NewConsoleSession = {
    ...ownerOf(row),
    createdAt: new Date(row.createdAt),
    expiresAt: new Date(row.expiresAt),
  }
  return {
    ...session,
    idHash: row.idHash,
    lastUsedAt: time(row.lastUsedAt),
    openBinding: () => binder.open(row.bindingSealed, context(row.idHash), boundTo(session)),
  }
}

function ownerOf(row: SessionRow): SessionOwner {
  const { personId, personName, role, roleSource, clientId, cloud, tenantId } = row
  if (personId === null || row.keyId !== '') return { key: { id: row.keyId }, person: null }
  const person = { id: personId, name: personName, role, roleSource, clientId, cloud, tenantId }
  // Complete in every row that Mailgrant wrote. The binding rejects all others.
  return { key: null, person: person as ConsolePerson }
}
