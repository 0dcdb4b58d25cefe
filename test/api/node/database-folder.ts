/** A folder with a database of Mailgrant, for tests of what is done to its file. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { readMigrations } from '../../../api/node/migrations.ts'

export const MIGRATIONS = readMigrations(join(import.meta.dirname, '../../../schema/d1/migrations'))

/** Creates `mailgrant.sqlite` in the folder, with all tables and these API keys. */
export function createDatabase(folder: string, keyNames: readonly string[] = []): string {
  const path = join(folder, 'mailgrant.sqlite')
  openDatabaseFile(path, MIGRATIONS).close()
  addKeys(path, keyNames)
  return path
}

export function addKeys(path: string, names: readonly string[]): void {
  withDatabase(path, (database) => {
    const insert = database.prepare(
      "INSERT INTO api_keys (id, name, secret_hash_sealed, scopes, created_at, created_by) VALUES (?, ?, '', 'read', 0, 'root')",
    )
    for (const name of names) insert.run(keyId(name), name)
  })
}

/** Returns the id of a key by its name, of up to 26 letters. */
export const keyId = (name: string) => `key_${name.padEnd(26, 'a')}`

export function withDatabase<Value>(path: string, work: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(path)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** Returns the names of the API keys. */
export const keyNames = (path: string): unknown[] =>
  withDatabase(path, (database) =>
    database
      .prepare('SELECT name FROM api_keys ORDER BY name')
      .all()
      .map(({ name }) => name),
  )
