/** Sessions of the console, found by the hash of the random id in their cookie. */
import { and, eq, gt, isNull, lte, notInArray, or, sql } from 'drizzle-orm'
import type { ListQuery } from '../../schema/common.ts'
import { apiKeys, consoleSessions } from '../../schema/d1/operating-tables.ts'
import type {
  ConsoleSessionRecord,
  EndedSessions,
  SessionOwner,
  SessionWithKey,
} from '../model/console-session.ts'
import type { EventRecord } from '../model/event.ts'
import type { Page } from '../model/page.ts'
import { toApiKey } from './api-keys.ts'
import { type Database, once, time } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'
import { after, newestFirst, pageOf } from './pages.ts'

export function createConsoleSessionStore(db: Database) {
  const endStatements = ({ personId, kept, event }: EndedSessions) =>
    [
      db.delete(consoleSessions).where(
        and(
          // People have none: makes its index the one to search.
          eq(consoleSessions.keyId, ''),
          eq(consoleSessions.personId, personId),
          notInArray(consoleSessions.role, [...kept]),
        ),
      ),
      insertEventIfChanged(db, event),
    ] as const

  const unexpired = (now: Date) => gt(consoleSessions.expiresAt, now.getTime())

  const selectWithKey = () =>
    db
      .select({ session: consoleSessions, key: apiKeys })
      .from(consoleSessions)
      .leftJoin(apiKeys, eq(apiKeys.id, consoleSessions.keyId))
  type SessionRow = Awaited<ReturnType<typeof selectWithKey>>[number]
  const toSessionWithKey = ({ session, key }: SessionRow): SessionWithKey => ({
    record: toSession(session),
    key: key && toApiKey(key),
  })

  const byIdWithKey = once(() =>
    selectWithKey()
      .where(
        and(
          eq(consoleSessions.idHash, sql.placeholder('idHash')),
          gt(consoleSessions.expiresAt, sql.placeholder('now')),
        ),
      )
      .prepare(),
  )

  return {
    /** Adds a session, and ends others in the same step. */
    async add(
      session: ConsoleSessionRecord,
      event: EventRecord,
      ended?: EndedSessions,
    ): Promise<void> {
      const { idHash, key, person, createdAt, expiresAt } = session
      await db.batch([
        db.insert(consoleSessions).values({
          idHash,
          keyId: key?.id ?? '',
          keyHash: key?.hash ?? '',
          ...(person && { ...person, personId: person.id, personName: person.name }),
          createdAt: createdAt.getTime(),
          expiresAt: expiresAt.getTime(),
        }),
        insertEvent(db, event),
        ...(ended ? endStatements(ended) : []),
      ])
    },

    async read(idHash: string, now: Date): Promise<ConsoleSessionRecord | null> {
      const [row] = await db
        .select()
        .from(consoleSessions)
        .where(and(eq(consoleSessions.idHash, idHash), unexpired(now)))
      return row ? toSession(row) : null
    },

    async readWithKey(idHash: string, now: Date): Promise<SessionWithKey | null> {
      const [row] = await byIdWithKey().all({ idHash, now: now.getTime() })
      return row ? toSessionWithKey(row) : null
    },

    async list({ limit, cursor }: ListQuery, now: Date): Promise<Page<SessionWithKey>> {
      const { createdAt, idHash } = consoleSessions
      const rows = await selectWithKey()
        .where(and(after(cursor, createdAt, idHash), unexpired(now)))
        .orderBy(...newestFirst(createdAt, idHash))
        .limit(limit + 1)
      const place = ({ session }: SessionRow) => ({ at: session.createdAt, id: session.idHash })
      return pageOf(rows, limit, place, toSessionWithKey)
    },

    /** Records a use, unless one was recorded after `unlessSince`: of simultaneous calls one writes. */
    async recordUse(idHash: string, now: Date, unlessSince: Date): Promise<void> {
      const { lastUsedAt } = consoleSessions
      await db
        .update(consoleSessions)
        .set({ lastUsedAt: now.getTime() })
        .where(
          and(
            eq(consoleSessions.idHash, idHash),
            or(isNull(lastUsedAt), lte(lastUsedAt, unlessSince.getTime())),
          ),
        )
    },

    async removeOfPerson(ended: EndedSessions): Promise<void> {
      await db.batch(endStatements(ended))
    },

    /** Ends a session. Idempotent: a repeat writes no event. */
    async remove(idHash: string, event: EventRecord): Promise<void> {
      await db.batch([
        db.delete(consoleSessions).where(eq(consoleSessions.idHash, idHash)),
        insertEventIfChanged(db, event),
      ])
    },
  }
}

function toSession(row: typeof consoleSessions.$inferSelect): ConsoleSessionRecord {
  return {
    idHash: row.idHash,
    ...ownerOf(row),
    createdAt: new Date(row.createdAt),
    lastUsedAt: time(row.lastUsedAt),
    expiresAt: new Date(row.expiresAt),
  }
}

function ownerOf(row: typeof consoleSessions.$inferSelect): SessionOwner {
  const { personId, personName, role, roleSource, clientId, cloud, tenantId } = row
  if (personId === null) return { key: { id: row.keyId, hash: row.keyHash }, person: null }
  // Written together with the id.
  if (!personName || !role || !roleSource || !clientId || !cloud || !tenantId) {
    throw new Error('A session of a person is incomplete')
  }
  return {
    key: null,
    person: { id: personId, name: personName, role, roleSource, clientId, cloud, tenantId },
  }
}
