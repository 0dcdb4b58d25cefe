/**
 * Takes the rows of a database that someone else could have changed, such as a copy that lay on a share. They go into
 * tables made by Mailgrant's own migrations. Everything else in such a database is compared and never runs: no trigger,
 * view, generated column, check or expression.
 */
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import {
  readMigrationNames,
  readSchema,
  type SchemaObject,
  schemaOf,
  schemaWithout,
} from './database-schema.ts'
import {
  describeSqliteError,
  explainStorageFailure,
  isSqliteError,
  StartFailure,
  storageFailureOf,
} from './failures.ts'
import { applyMigrations, type Migration } from './migrations.ts'

/** D1's limit for a value and for a row, in bytes. */
export const LONGEST_ROW = 2_000_000

/**
 * Fills the empty file `target` with the rows of the database `file`, which is only read, and applies the migrations
 * that it lacks. Throws StartFailure.
 */
export function takeRows(file: string, target: string, migrations: readonly Migration[]): void {
  const database = new DatabaseSync(target, { enableForeignKeyConstraints: false, defensive: true })
  try {
    database.exec(
      'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = OFF',
    )
    Object.assign(database.limits, { length: LONGEST_ROW, attach: 1 })
    database.prepare('ATTACH ? AS source').run(`${pathToFileURL(file)}?mode=ro`)
    const applied = checkSource(database, migrations)
    const schema = schemaOf(applied)
    database.exec('BEGIN')
    for (const { type, name, sql } of schema) {
      if (type !== 'table') continue
      database.exec(sql)
      const columns = columnsOf(database, name).join()
      const insert = `INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM source.${name} ORDER BY rowid`
      database.exec(insert)
    }
    // After the rows: triggers would count them again.
    for (const { type, sql } of schema) if (type !== 'table') database.exec(sql)
    const [broken] = database.prepare('PRAGMA main.foreign_key_check').all()
    if (broken) throw refusal(`a row of its table "${broken.table}" refers to none`)
    database.exec('COMMIT')
    applyMigrations(database, migrations.slice(applied.length), null)
  } catch (error) {
    throw explain(error, file, target)
  } finally {
    database.close()
  }
}

/** Returns the migrations of the source. Throws StartFailure unless its schema is exactly what they make. */
function checkSource(
  database: DatabaseSync,
  migrations: readonly Migration[],
): readonly Migration[] {
  /** Finds pages to which several others refer, and so ensures that reading the rows ends. */
  const check = (sql: string) => {
    if (database.prepare(sql).get()?.integrity_check !== 'ok') throw new StartFailure(DAMAGED)
  }

  const objects = readSchema(database, 'source')
  // Checked before its rows are read as names of migrations.
  if (schemaWithout(schemaOf([]), objects).length > 0)
    throw new StartFailure(
      'The file is not a Mailgrant database, because it lacks Mailgrant\'s tables. Use a copy that the command "backup" made, or an export of D1.',
    )
  check("PRAGMA source.integrity_check('d1_migrations')")
  const names = readMigrationNames(database, 'source')
  const applied = migrations.slice(0, names.length)
  const unknown = names.find((name, index) => name !== applied[index]?.name)
  if (unknown !== undefined)
    throw refusal(
      `this version does not have its migration ${JSON.stringify(unknown)}. If a newer version made the file, install that version, then try again`,
    )
  const schema = schemaOf(applied)
  const different = [...schemaWithout(objects, schema), ...schemaWithout(schema, objects)]
  if (different.length > 0) throw refusal(`it differs in ${describeObjects(different)}`)
  check('PRAGMA source.integrity_check(1)')
  return applied
}

/** Lists up to five. Names are quoted, since they come from the file. */
const describeObjects = (objects: readonly SchemaObject[]): string =>
  [...new Set(objects.map(({ type, name }) => `the ${type} ${JSON.stringify(name)}`))]
    .slice(0, 5)
    .join(', ')

const refusal = (finding: string) =>
  new StartFailure(
    `The file is not as Mailgrant made it: ${finding}. Nothing was taken from it. Use a copy from before that change.`,
  )

const DAMAGED =
  'The file is damaged, or is no SQLite database. Nothing was taken from it. Use another copy.'

/** Returns the columns of one of Mailgrant's tables that are not computed. */
export const columnsOf = (database: DatabaseSync, table: string): string[] =>
  database
    .prepare("SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0")
    .all(table)
    .map(({ name }) => `"${name}"`)

/** Returns the sentence for an error of SQLite's: in what was read, or in what was written. */
function explain(error: unknown, file: string, target: string): unknown {
  if (!isSqliteError(error)) return error
  const failure = storageFailureOf(error)
  if (failure === 'damaged') return new StartFailure(DAMAGED, { cause: error })
  if (failure === null) return refusal(describeSqliteError(error))
  const isWritten = failure === 'full' || failure === 'read_only'
  return new StartFailure(explainStorageFailure(failure, isWritten ? target : file), {
    cause: error,
  })
}
