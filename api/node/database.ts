/** The database file: opening, pragmas, migrations. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createD1 } from './d1.ts'

export type DatabaseFile = {
  d1: D1Database
  close: () => void
}

/**
 * Opens the file, or creates it, and applies the migrations that it lacks. `migrations` is the folder of
 * wrangler's migrations, which are recorded in wrangler's own table.
 */
export function openDatabaseFile(path: string, migrations: string): DatabaseFile {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  migrate(database, migrations)
  return { d1: createD1(database), close: () => database.close() }
}

function migrate(database: DatabaseSync, folder: string): void {
  database.exec(`CREATE TABLE IF NOT EXISTS d1_migrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
  )`)
  const applied = new Set(
    database
      .prepare('SELECT name FROM d1_migrations')
      .all()
      .map(({ name }) => name),
  )
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  for (const name of files.sort()) {
    if (applied.has(name)) continue
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(readFileSync(join(folder, name), 'utf8'))
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').run(name)
      database.exec('COMMIT')
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK')
    }
  }
}
