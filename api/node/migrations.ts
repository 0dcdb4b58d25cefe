/** Migrations of the database file: the files and the table of `wrangler d1 migrations apply`. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { copyDatabase } from './copy-database.ts'
import {
  readMigrationNames,
  readSchema,
  schemaOf,
  schemaWithout,
  WRANGLERS_TABLE,
} from './database-schema.ts'
import { describeSqliteError, isSqliteError, StartFailure, storageFailureOf } from './failures.ts'

/** A file of schema/d1/migrations. */
export type Migration = { name: string; sql: string }

/** Copies that stay: one for each of the last updates with migrations. */
const KEPT_COPIES = 3

/** Reads a folder of migrations, in the order in which they are applied. */
export const readMigrations = (folder: string): Migration[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }))

/**
 * Applies the migrations that the database at `path` lacks, all of them or none, after it has been copied to
 * `before-migration/` beside it. Migrations of a newer version stay, since they only add, so that this version runs on
 * them after a rollback. Throws a StartFailure for a migration that fails and for tables that the applied ones did not
 * make, and SQLite's own errors.
 */
export function migrate(
  database: DatabaseSync,
  path: string,
  migrations: readonly Migration[],
): void {
  const applied = appliedMigrations(database)
  checkTables(database, path, applied, migrations)
  const pending = migrations.filter(({ name }) => !applied.includes(name))
  const [first] = pending
  if (first === undefined) return
  const copy = applied.length === 0 ? null : copyBefore(path, first)
  applyMigrations(database, pending, copy)
}

function appliedMigrations(database: DatabaseSync): string[] {
  const tables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1_migrations'").all()
  if (tables.length === 0) return []
  return readMigrationNames(database)
}

/**
 * Throws unless the database has what the applied migrations make. One that a newer version has migrated is not
 * checked, since its migrations are not known here.
 */
function checkTables(
  database: DatabaseSync,
  path: string,
  applied: readonly string[],
  migrations: readonly Migration[],
): void {
  const known = migrations.filter(({ name }) => applied.includes(name))
  const isNewer = known.length > 0 && known.length < applied.length
  if (applied.length === 0 || isNewer) return
  const missing = schemaWithout(schemaOf(known), readSchema(database))
  if (known.length > 0 && missing.length === 0) return
  throw new StartFailure(
    `The tables of ${path} are not those of this version. A development version from before the first release made them, or another program has changed them. Nothing was changed: start the version that made them. To begin with an empty database instead, move what is in ${dirname(path)} elsewhere.`,
  )
}

/** Applies these migrations, all or none. `copy`: where the database was copied before. */
export function applyMigrations(
  database: DatabaseSync,
  pending: readonly Migration[],
  copy: string | null,
): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(WRANGLERS_TABLE)
    for (const { name, sql } of pending) {
      try {
        database.exec(sql)
      } catch (error) {
        if (!isSqliteError(error) || storageFailureOf(error) !== null) throw error
        throw new StartFailure(
          `The migration ${name} failed, and the database is as it was before: ${describeSqliteError(error)}. Start the Mailgrant version that ran before, and report this message.${copy === null ? '' : ` A copy of the database is ${copy}.`}`,
          { cause: error },
        )
      }
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').run(name)
    }
    database.exec('COMMIT')
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

/**
 * Copies the database and returns the path of the copy. It is named after the first migration, so that starts that fail
 * again and again do not push out older copies.
 */
function copyBefore(path: string, { name }: Migration): string {
  const folder = join(dirname(path), 'before-migration')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const copy = join(folder, `before-${name.replace(/\.sql$/, '')}.sqlite`)
  const fresh = `${copy}.new`
  // Files that an interrupted start has left.
  for (const left of [fresh, `${fresh}.part`]) rmSync(left, { force: true })
  copyDatabase(path, fresh)
  renameSync(fresh, copy)
  removeOldCopies(folder)
  return copy
}

function removeOldCopies(folder: string): void {
  const copies = readdirSync(folder)
    .filter((name) => /^before-.*\.sqlite$/.test(name))
    .map((name) => join(folder, name))
    .map((path) => ({ path, madeAt: statSync(path).mtimeMs }))
    .sort((one, other) => other.madeAt - one.madeAt)
  for (const { path } of copies.slice(KEPT_COPIES)) rmSync(path)
}
