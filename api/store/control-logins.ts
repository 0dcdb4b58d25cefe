/** The last control login at each mail server. */
import { and, eq, sql } from 'drizzle-orm'
import { controlLogins } from '../../schema/d1/tables.ts'
import type { ControlLogin } from '../model/control-login.ts'
import { type Database, once } from './database.ts'

type Server = { host: string; port: number }

export function createControlLoginStore(db: Database) {
  const at = ({ host, port }: Server) =>
    and(eq(controlLogins.host, host), eq(controlLogins.port, port))
  const byServer = once(() =>
    db
      .select()
      .from(controlLogins)
      .where(
        and(
          eq(controlLogins.host, sql.placeholder('host')),
          eq(controlLogins.port, sql.placeholder('port')),
        ),
      )
      .prepare(),
  )

  return {
    async read(server: Server): Promise<ControlLogin | null> {
      const [row] = await byServer().all(server)
      return row ? { triedAt: new Date(row.triedAt), accepted: row.accepted } : null
    },

    /**
     * Claims the next control login: one after `since` excludes another, unless the server accepted it.
     * Returns false if another caller was first.
     */
    async claim({ host, port }: Server, now: Date, since: Date): Promise<boolean> {
      const triedAt = now.getTime()
      const claimed = await db
        .insert(controlLogins)
        .values({ host, port, triedAt })
        .onConflictDoUpdate({
          target: [controlLogins.host, controlLogins.port],
          set: { triedAt },
          setWhere: sql`${controlLogins.accepted} = 1 OR ${controlLogins.triedAt} <= ${since.getTime()}`,
        })
        .returning({ host: controlLogins.host })
      return claimed.length === 1
    },

    async record(server: Server, accepted: boolean): Promise<void> {
      await db.update(controlLogins).set({ accepted }).where(at(server))
    },
  }
}
