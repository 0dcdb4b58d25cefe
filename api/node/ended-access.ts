/** What has ended since a copy of the database was made, and must stay so after its restore. */
import type { DatabaseSync } from 'node:sqlite'
import { newId } from '../domain/secrets.ts'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** Ends all console sessions, open sign-ins and links, and writes the event of the restore. */
export function endOpenAccess(database: DatabaseSync, now: Date): void {
  const time = now.getTime()
  database.exec('DELETE FROM console_sessions')
  database
    .prepare(
      "UPDATE authorizations SET expires_at = :time WHERE status = 'pending' AND expires_at > :time",
    )
    .run({ time })
  database
    .prepare(
      'UPDATE admin_consents SET expires_at = :time WHERE succeeded_at IS NULL AND expires_at > :time',
    )
    .run({ time })
  database
    .prepare(
      "INSERT INTO events (id, type, at, actor_type, data) VALUES (?, 'database.restored', ?, 'system', '{}')",
    )
    .run(newId('event', random), time)
}
