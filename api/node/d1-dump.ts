/** SQL from and to D1: the output of `wrangler d1 export`, and the input of `wrangler d1 execute --file`. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'
import { constants, DatabaseSync } from 'node:sqlite'
import { StringDecoder } from 'node:string_decoder'
import {
  readMigrationNames,
  readSchema,
  type SchemaObject,
  WRANGLERS_TABLE,
} from './database-schema.ts'
import { describeSqliteError } from './sqlite-errors.ts'
import { StartFailure } from './start-failure.ts'
import { storageFailureOf } from './storage-failures.ts'
import { columnsOf, LONGEST_ROW, type OpenSource } from './take-rows.ts'

/** Statements of a dump that store nothing. */
const FRAME =
  /^(?:PRAGMA defer_foreign_keys ?= ?TRUE|BEGIN TRANSACTION|COMMIT|ANALYZE sqlite_schema|DELETE FROM sqlite_sequence);\s*$/i
const CREATE =
  /^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|VIEW|VIRTUAL TABLE) (?:IF NOT EXISTS )?["`]?([^"`\s(]+)/i
/** Rows of SQLite's own tables. */
const SQLITES_ROW = /^INSERT INTO ["`]?sqlite_/i
const MIGRATION = /^INSERT INTO ["`]?d1_migrations\b/i
/** Longest statement read, in characters. A dump can write a byte as two hex digits. The rest is for the SQL around them. */
const LONGEST_READ = 3 * LONGEST_ROW
/** Most objects that are compared. A file with more is refused, since no version has as many. */
const MOST_OBJECTS = 1_000
/** Pages of 4 kB for the list of migrations and SQLite's own rows, which take a few. */
const SCRATCH_SIZE = 'PRAGMA max_page_count = 1000'

/**
 * Opens a dump. The objects that it creates are only compared. Of its other statements, only those run that write
 * literal values.
 */
export const openDump: OpenSource = (target, file) => {
  /** Runs the statements that `isChosen` accepts. */
  function run(database: DatabaseSync, isChosen: (sql: string) => boolean): void {
    database.setAuthorizer(allowLiterals)
    for (const { sql, line } of readStatements(file)) {
      if (!isChosen(sql)) continue
      try {
        database.exec(sql)
      } catch (error) {
        if (storageFailureOf(error) !== null) throw error
        throw new StartFailure(
          `${file} cannot be imported: line ${line} failed (${describeSqliteError(error)}). Nothing was imported. Export the database again.`,
          { cause: error },
        )
      }
    }
    database.setAuthorizer(null)
  }

  return {
    readObjects() {
      const objects: SchemaObject[] = []
      for (const { sql } of readStatements(file)) {
        const [, type, name] = CREATE.exec(sql) ?? []
        if (type && name)
          objects.push({ type: type.toLowerCase(), name, sql: sql.replace(/;\s*$/, '') })
        if (objects.length > MOST_OBJECTS) break
      }
      return objects
    },
    readMigrations() {
      const scratch = new DatabaseSync(':memory:')
      scratch.limits.length = LONGEST_ROW
      try {
        scratch.exec(SCRATCH_SIZE)
        scratch.exec(WRANGLERS_TABLE)
        scratch.exec('ANALYZE')
        run(scratch, (sql) => SQLITES_ROW.test(sql) || MIGRATION.test(sql))
        return readMigrationNames(scratch)
      } catch (error) {
        if (storageFailureOf(error) !== 'full') throw error
        throw new StartFailure(
          `${file} cannot be imported: its list of migrations is longer than Mailgrant's. Nothing was imported. Export the database again.`,
          { cause: error },
        )
      } finally {
        scratch.close()
      }
    },
    check: () => {},
    copyRows: () =>
      run(target, (sql) => !FRAME.test(sql) && !CREATE.test(sql) && !SQLITES_ROW.test(sql)),
  }
}

/** The functions with which dumps write line ends. */
const FUNCTIONS: readonly unknown[] = ['replace', 'char']

/** Allows a statement that inserts values. One that reads tables might never end, and is refused. */
const allowLiterals = (action: number, _table: string | null, name: string | null): number =>
  action === constants.SQLITE_INSERT ||
  (action === constants.SQLITE_FUNCTION && FUNCTIONS.includes(name))
    ? constants.SQLITE_OK
    : constants.SQLITE_DENY

/** Returns the statements with the number of their first line. Throws StartFailure for an incomplete one. */
export function* readStatements(file: string): Generator<{ sql: string; line: number }> {
  let sql = ''
  let first = 0
  let number = 0
  for (const line of readLines(file)) {
    number += 1
    if (sql === '' && line.trim() === '') continue
    if (sql === '') first = number
    sql += `${line}\n`
    if (sql.length > LONGEST_READ) throw tooLong(file, first)
    if (!isComplete(sql, line)) continue
    yield { sql, line: first }
    sql = ''
  }
  if (sql.trim() !== '')
    throw new StartFailure(
      `${file} ends within the statement of line ${first}. Nothing was imported.`,
    )
}

const tooLong = (file: string, line: number) =>
  new StartFailure(
    `${file} cannot be imported: the statement of line ${line} has more than ${LONGEST_READ} characters, more than any row that Mailgrant stores. Nothing was imported. Export the database again.`,
  )

/** A line ends a statement unless it is inside a string or a trigger. */
const isComplete = (sql: string, line: string): boolean =>
  line.trimEnd().endsWith(';') &&
  sql.split("'").length % 2 === 1 &&
  (!/^\s*CREATE TRIGGER/i.test(sql) || /^\s*END;\s*$/i.test(line))

const CHUNK_BYTES = 1_048_576

/** Reads a file that may be larger than the longest string. */
function* readLines(file: string): Generator<string> {
  const input = openSync(file, 'r')
  try {
    const decoder = new StringDecoder('utf8')
    const chunk = Buffer.alloc(CHUNK_BYTES)
    let rest = ''
    for (let length = 1; length > 0; ) {
      length = readSync(input, chunk, 0, CHUNK_BYTES, null)
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
      // Longer than any statement, so the caller refuses it.
      if (rest.length > LONGEST_READ) break
    }
    if (rest !== '') yield rest
  } finally {
    closeSync(input)
  }
}

/** D1 refuses statements of more than 100,000 bytes. */
const LONGEST_STATEMENT = 90_000
/** Stored replies to bulk requests can be longer. They live a day, and a call that is repeated later runs again. */
const LONG_ROWS = 'idempotency_records'

/**
 * Writes the database to the file as SQL for an empty D1: tables with their rows, indexes, triggers. Leaves out replies that
 * are too long for a statement.
 */
export function exportSql(databaseFile: string, file: string): void {
  const database = new DatabaseSync(databaseFile, { readOnly: true, timeout: 5_000 })
  try {
    database.exec('BEGIN')
    const objects = readSchema(database)
    const output = openSync(file, 'w')
    const write = (statement: string) => writeFileSync(output, `${statement};\n`)
    try {
      write('PRAGMA defer_foreign_keys = true')
      for (const { type, name, sql } of objects) {
        if (type !== 'table') continue
        write(sql)
        for (const statement of insertsOf(database, name)) write(statement)
      }
      // After the rows, which triggers would change and indexes slow down.
      for (const { type, sql } of objects) if (type !== 'table') write(sql)
    } finally {
      closeSync(output)
    }
  } finally {
    database.close()
  }
}

/**
 * Writes a literal on a single line, as D1's own export does, since a program that reads it may treat a line as a
 * statement.
 */
function onOneLine(literal: string): string {
  if (!literal.includes('\n')) return literal
  let marker = '\\n'
  while (literal.includes(marker)) marker += 'n'
  return `replace(${literal.replaceAll('\n', marker)},'${marker}',char(10))`
}

/** Returns the statements that insert the rows of a table. Generated columns cannot be inserted. */
function* insertsOf(database: DatabaseSync, name: string): Generator<string> {
  const columns = columnsOf(database, name)
  const table = `"${name}"`
  const sql = `SELECT ${columns.map((column) => `quote(${column})`).join()} FROM ${table}`
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  for (const literals of statement.iterate() as unknown as Iterable<string[]>) {
    const values = literals.map(onOneLine)
    const insert = `INSERT INTO ${table} (${columns.join()}) VALUES (${values.join()})`
    if (name !== LONG_ROWS || Buffer.byteLength(insert) <= LONGEST_STATEMENT) yield insert
  }
}
