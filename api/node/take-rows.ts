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
  WRANGLERS_TABLE,
} from './database-schema.ts'
import { applyMigrations, type Migration } from './migrations.ts'
import { describeSqliteError, isSqliteError } from './sqlite-errors.ts'
import { StartFailure } from './start-failure.ts'
import { explainStorageFailure, storageFailureOf } from './storage-failures.ts'

/** A file whose rows are taken. Methods are called in this order. */
type RowSource = {
  readObjects: () => SchemaObject[]
  /** Reads the names of the migrations, in the order in which they were applied. */
  readMigrations: () => string[]
  /** Throws UnusableSource if the file is damaged. */
  check: () => void
  /** Fills these tables of the target. */
  copyRows: (tables: readonly string[]) => void
}

/** Explains why a file cannot be used, and what to do. */
export class UnusableSource extends StartFailure {}

/** A database that can be read but differs from what this version makes. `finding`: the difference, without advice. */
export class DifferentSource extends UnusableSource {
  readonly finding: string
  constructor(finding: string, advice: string) {
    super(`${finding}. Nothing was taken from it. ${advice}`)
    this.finding = finding
  }
}

export type OpenSource = (target: DatabaseSync, file: string) => RowSource

/** D1's limit for a value and for a row, in bytes. */
export const LONGEST_ROW = 2_000_000

/**
 * Fills the empty file `target` with the rows of `file` and applies the migrations that it lacks. `tables`: only these
 * are filled. Throws UnusableSource, or a StartFailure if the disk fails.
 */
export function takeRows(
  open: OpenSource,
  file: string,
  target: string,
  migrations: readonly Migration[],
  { tables }: { tables?: readonly string[] } = {},
): void {
  const database = new DatabaseSync(target, { enableForeignKeyConstraints: false, defensive: true })
  try {
    database.exec(
      'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = OFF',
    )
    Object.assign(database.limits, { length: LONGEST_ROW, attach: 1 })
    const source = open(database, file)
    const applied = checkSource(source, file, migrations)
    const schema = schemaOf(applied)
    database.exec('BEGIN')
    for (const { type, sql } of schema) if (type === 'table') database.exec(sql)
    const names = schema.flatMap(({ type, name }) => (type === 'table' ? [name] : []))
    source.copyRows(
      tables ? names.filter((name) => ['d1_migrations', ...tables].includes(name)) : names,
    )
    // A dump can list them in statements of any form, and a migration that is listed without having run would never be
    // applied.
    if (readMigrationNames(database).join() !== applied.map(({ name }) => name).join())
      throw refusal(file, 'its list of migrations changes while it is read')
    // After the rows: triggers would count them again.
    for (const { type, sql } of schema) if (type !== 'table') database.exec(sql)
    const [broken] = database.prepare('PRAGMA main.foreign_key_check').all()
    if (broken) throw refusal(file, `a row of its table "${broken.table}" refers to none`)
    database.exec('COMMIT')
    applyMigrations(database, migrations.slice(applied.length), null)
  } catch (error) {
    throw explain(error, file, target)
  } finally {
    database.close()
  }
}

/** Differences that are named; more are counted. */
const MOST_DIFFERENCES = 5

/** Returns the migrations of the source. Throws UnusableSource unless its schema is exactly what they make. */
function checkSource(
  source: RowSource,
  file: string,
  migrations: readonly Migration[],
): readonly Migration[] {
  const objects = source.readObjects()
  const own = { type: 'table', name: 'd1_migrations', sql: WRANGLERS_TABLE }
  // Checked before its rows are read as names of migrations.
  if (schemaWithout([own], objects).length > 0)
    throw new UnusableSource(
      `${file} is not a Mailgrant database, because it lacks Mailgrant's tables. Use a copy that the command "backup" made, or an export of D1.`,
    )
  const applied = appliedOf(source.readMigrations(), file, migrations)
  const differences = describeDifferences(schemaOf(applied), objects)
  const more = differences.length - MOST_DIFFERENCES
  if (differences.length > 0)
    throw refusal(
      file,
      `${differences.slice(0, MOST_DIFFERENCES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    )
  source.check()
  return applied
}

const refusal = (file: string, finding: string) =>
  new DifferentSource(
    `${file} is not as Mailgrant made it: ${finding}`,
    'Use a copy from before that change.',
  )

function appliedOf(
  names: readonly string[],
  file: string,
  migrations: readonly Migration[],
): readonly Migration[] {
  if (names.length === 0) throw refusal(file, 'its list of migrations is empty')
  const applied = migrations.slice(0, names.length)
  const unknown = names.find((name, index) => name !== applied[index]?.name)
  if (unknown === undefined) return applied
  if (migrations.some(({ name }, index) => name !== names[index]))
    throw refusal(file, `its migration ${JSON.stringify(unknown)} is not one of this version`)
  throw new DifferentSource(
    `${file} is from a newer Mailgrant version, which added ${JSON.stringify(unknown)}`,
    'Install that version, then try again.',
  )
}

/** Describes what was added, changed and removed. Names are quoted, since they come from the file. */
function describeDifferences(
  ours: readonly SchemaObject[],
  theirs: readonly SchemaObject[],
): string[] {
  const nameOf = ({ type, name }: SchemaObject) => `the ${type} ${JSON.stringify(name)}`
  const known = new Set(ours.map(nameOf))
  const found = new Set(theirs.map(nameOf))
  return [
    ...schemaWithout(theirs, ours)
      .map(nameOf)
      .map((name) => `${name} ${known.has(name) ? 'is different' : 'was added'}`),
    ...ours
      .map(nameOf)
      .filter((name) => !found.has(name))
      .map((name) => `${name} is missing`),
  ]
}

/** Opens a database file, which is only read. */
export const openCopy: OpenSource = (target, file) => {
  /** Finds pages to which several others refer, and so ensures that reading the rows ends. */
  function check(sql: string): void {
    const [row] = target.prepare(sql).all()
    if (row?.integrity_check !== 'ok') throw damaged(file)
  }

  target.prepare('ATTACH ? AS source').run(`${pathToFileURL(file)}?mode=ro`)
  return {
    readObjects: () => readSchema(target, 'source'),
    readMigrations() {
      check("PRAGMA source.integrity_check('d1_migrations')")
      return readMigrationNames(target, 'source')
    },
    check: () => check('PRAGMA source.integrity_check(1)'),
    copyRows(tables) {
      for (const table of tables) {
        const columns = columnsOf(target, table).join()
        const insert = `INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM source.${table} ORDER BY rowid`
        target.exec(insert)
      }
    },
  }
}

/** Returns the columns of one of Mailgrant's tables that are not computed. */
export const columnsOf = (database: DatabaseSync, table: string): string[] =>
  database
    .prepare("SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0")
    .all(table)
    .map(({ name }) => `"${name}"`)

const damaged = (file: string, cause?: unknown) =>
  new UnusableSource(
    `${file} is damaged, or is no SQLite database. Nothing was taken from it. Use another copy.`,
    { cause },
  )

/** Returns the sentence for an error of SQLite's: in what was read, or in what was written. */
function explain(error: unknown, file: string, target: string): unknown {
  if (!isSqliteError(error)) return error
  const failure = storageFailureOf(error)
  if (failure === 'damaged') return damaged(file, error)
  if (failure === null) return refusal(file, describeSqliteError(error))
  const isWritten = failure === 'full' || failure === 'read_only'
  return new StartFailure(explainStorageFailure(failure, isWritten ? target : file), {
    cause: error,
  })
}
