/** Sessions of the console, found by the hash of the random id in their cookie. */
import { and, eq, gt } from 'drizzle-orm'
import { consoleSessions } from '../../schema/d1/operating-tables.ts'
import type { ConsoleSessionRecord } from '../model/console-session.ts'
import type { EventRecord } from '../model/event.ts'
import type { Database } from './database.ts'
import { insertEvent, insertEventIfChanged } from './events.ts'

export function createConsoleSessionStore(db: Database) {
  return {
    async add(session: ConsoleSessionRecord, now: Date, event: EventRecord): Promise<void> {
      await db.batch([
        db.insert(consoleSessions).values({
          ...session,
          createdAt: now.getTime(),
          expiresAt: session.expiresAt.getTime(),
        }),
        insertEvent(db, event),
      ])
    },

    async read(idHash: string, now: Date): Promise<ConsoleSessionRecord | null> {
      const [row] = await db
        .select()
        .from(consoleSessions)
        .where(
          and(eq(consoleSessions.idHash, idHash), gt(consoleSessions.expiresAt, now.getTime())),
        )
      return row ? { ...row, expiresAt: new Date(row.expiresAt) } : null
    },

    async remove(idHash: string, event: EventRecord): Promise<void> {
      await db.batch([
        db.delete(consoleSessions).where(eq(consoleSessions.idHash, idHash)),
        insertEventIfChanged(db, event),
      ])
    },
  }
}
