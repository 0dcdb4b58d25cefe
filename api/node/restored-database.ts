/** The database that `restore` or `import` puts in place: the rows of a copy, without the access that was open in it. */
import { DatabaseSync } from 'node:sqlite'
import { newId } from '../domain/secrets.ts'
import { createFile, describeContents } from './copy-database.ts'
import type { Migration } from './migrations.ts'
import { takeRows } from './take-rows.ts'

export type RestoreOptions = {
  migrations: readonly Migration[]
  now: Date
  /**
   * Time from which DATA_DIR/revoked shows what was revoked. API keys that are older are revoked, since it cannot show
   * whether they were. Null: all keys are.
   */
  revocationsSince: Date | null
  /** Leaves these older keys valid. */
  keepKeys: boolean
}

/** Creates the database `target`. Returns what it holds, and lines for the operator. Throws StartFailure. */
export function createRestoredDatabase(
  file: string,
  target: string,
  { migrations, now, revocationsSince, keepKeys }: RestoreOptions,
): { contents: string; lines: string[] } {
  return createFile(target, (part) => {
    takeRows(file, part, migrations)
    const database = new DatabaseSync(part)
    const lines: string[] = []
    try {
      database.exec('PRAGMA temp_store = MEMORY')
      const revoked = keepKeys ? 0 : revokeOlderKeys(database, revocationsSince, now)
      endOpenAccess(database, revoked, now)
      lines.push('Console sessions, open sign-ins and links have ended.')
      lines.push(...describeAdministrators(database))
      if (keepKeys) lines.push('Its API keys work. Revoke those that you do not recognise.')
      if (revoked > 0)
        lines.push(
          `API keys that this command revoked: ${revoked}. DATA_DIR/revoked does not show whether they were revoked since the copy was made. Create new ones, or move the database away and repeat this command with --keep-keys.`,
        )
    } finally {
      database.close()
    }
    return { contents: describeContents(part), lines }
  })
}

/** Returns the number of keys that it revokes. A changed copy could have any value as the time of their creation. */
const revokeOlderKeys = (database: DatabaseSync, since: Date | null, now: Date): number =>
  Number(
    database
      .prepare(
        `UPDATE api_keys SET revoked_at = :now
          WHERE revoked_at IS NULL AND (created_at BETWEEN :since AND :now) IS NOT TRUE`,
      )
      .run({ now: now.getTime(), since: since?.getTime() ?? null }).changes,
  )

/** Returns a line with the tenant whose administrators can sign in. A copy that someone has changed could have another. */
const describeAdministrators = (database: DatabaseSync): string[] =>
  database
    .prepare(
      `SELECT client_id AS app, coalesce(home_tenant_id, home_tenant) AS tenant FROM integrations
        WHERE home_tenant IS NOT NULL`,
    )
    .all()
    .map(
      ({ app, tenant }) =>
        `The console accepts administrators of the app ${JSON.stringify(app)} in the tenant ${JSON.stringify(tenant)}. If you don't recognise both, use another copy.`,
    )

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** Ends all console sessions, open sign-ins and links, and writes the event of the restore. */
function endOpenAccess(database: DatabaseSync, revokedKeys: number, now: Date): void {
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
      "INSERT INTO events (id, type, at, actor_type, data) VALUES (?, 'database.restored', ?, 'system', ?)",
    )
    .run(newId('event', random), time, JSON.stringify({ api_keys_revoked: revokedKeys }))
}
