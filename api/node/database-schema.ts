/** The tables, indexes and triggers of a database, compared by their SQL as text: nothing of a database that others may have changed runs. */
import { DatabaseSync } from 'node:sqlite'

/** A table, an index, a trigger or a view. */
export type SchemaObject = { type: string; name: string; sql: string }

/** The same statement with which wrangler creates its table. */
export const WRANGLERS_TABLE = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

/** A database, and one that is attached as `source`. */
const QUERIES = {
  main: {
    migrations: 'SELECT name FROM main.d1_migrations ORDER BY id',
    objects: `SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL
      AND tbl_name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB '_cf_*' ORDER BY rowid`,
  },
  source: {
    migrations: 'SELECT name FROM source.d1_migrations ORDER BY id',
    objects: `SELECT type, name, sql FROM source.sqlite_schema WHERE sql IS NOT NULL
      AND tbl_name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB '_cf_*' ORDER BY rowid`,
  },
} as const

type SchemaName = keyof typeof QUERIES

/** Reads the names of the applied migrations, in their order. */
export const readMigrationNames = (database: DatabaseSync, schema: SchemaName = 'main'): string[] =>
  database
    .prepare(QUERIES[schema].migrations)
    .all()
    .map(({ name }) => String(name))

/** Reads all objects but SQLite's and D1's own. */
export const readSchema = (database: DatabaseSync, schema: SchemaName = 'main'): SchemaObject[] =>
  database
    .prepare(QUERIES[schema].objects)
    .all()
    .map(({ type, name, sql }) => ({ type: String(type), name: String(name), sql: String(sql) }))

/** Returns what these migrations make, in an order in which it can be created again. */
export function schemaOf(migrations: readonly { sql: string }[]): SchemaObject[] {
  const database = new DatabaseSync(':memory:')
  try {
    database.exec(WRANGLERS_TABLE)
    for (const { sql } of migrations) database.exec(sql)
    return readSchema(database)
  } finally {
    database.close()
  }
}

/** Returns the objects that the other schema lacks or has with other SQL. */
export function schemaWithout(
  schema: readonly SchemaObject[],
  other: readonly SchemaObject[],
): SchemaObject[] {
  const known = new Set(other.map(keyOf))
  return schema.filter((object) => !known.has(keyOf(object)))
}

/** Ignores line ends, which depend on the program that wrote a dump. */
const keyOf = ({ type, name, sql }: SchemaObject) =>
  JSON.stringify([type, name, sql.replaceAll(/\s+/g, ' ').trim()])
