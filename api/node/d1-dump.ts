/** SQL from and to D1: the output of `wrangler d1 export`, and the input of `wrangler d1 execute --file`. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'
import { constants, DatabaseSync } from 'node:sqlite'
import { StringDecoder } from 'node:string_decoder'
import { readSchema } from './database-schema.ts'
import { describeSqliteError, StartFailure, storageFailureOf } from './failures.ts'
import { columnsOf, LONGEST_ROW } from './take-rows.ts'

/** Statements about the transaction, and about SQLite's own tables, which SQLite fills when the rows are taken. */
const SKIPPED = /^(?:BEGIN TRANSACTION|COMMIT|ANALYZE|(?:DELETE FROM|INSERT INTO) ["`]?sqlite_)/i
const TRIGGER = /^\s*CREATE TRIGGER/i
/** Longest statement read, in characters. A dump can write a byte as two hex digits. The rest is for the SQL around them. */
const LONGEST_READ = 3 * LONGEST_ROW

/**
 * Runs a dump in the empty file `target`, which is then as little trusted as a copy. Throws StartFailure, or an error of
 * SQLite's if the disk fails.
 */
export function loadDump(file: string, target: string): void {
  const database = new DatabaseSync(target, { enableForeignKeyConstraints: false, defensive: true })
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; BEGIN')
    database.limits.length = LONGEST_ROW
    database.setAuthorizer(refuseReads)
    const triggers: Statement[] = []
    for (const statement of readStatements(file)) {
      if (TRIGGER.test(statement.sql)) triggers.push(statement)
      else if (!SKIPPED.test(statement.sql)) run(statement)
    }
    // After the rows, which they would change.
    for (const statement of triggers) run(statement)
    database.setAuthorizer(null)
    if (database.isTransaction) database.exec('COMMIT')
  } finally {
    database.close()
  }

  function run({ sql, line }: Statement): void {
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
}

/** Refuses statements that read tables, since these might never end, and those that reach other files or extensions. */
const refuseReads = (action: number): number =>
  [constants.SQLITE_SELECT, constants.SQLITE_ATTACH, constants.SQLITE_CREATE_VTABLE].includes(
    action,
  )
    ? constants.SQLITE_DENY
    : constants.SQLITE_OK

type Statement = {
  sql: string
  /** Number of its first line. */
  line: number
}

/** Reads the statements of a dump. Throws StartFailure for an incomplete one. */
export function* readStatements(file: string): Generator<Statement> {
  let sql = ''
  let first = 0
  let number = 0
  for (const line of readLines(file)) {
    number += 1
    if (sql === '' && line.trim() === '') continue
    if (sql === '') first = number
    sql += `${line}\n`
    if (sql.length > LONGEST_READ)
      throw new StartFailure(
        `${file} cannot be imported: the statement of line ${first} has more than ${LONGEST_READ} characters, more than any row that Mailgrant stores. Nothing was imported. Export the database again.`,
      )
    if (!isComplete(sql, line)) continue
    yield { sql, line: first }
    sql = ''
  }
  if (sql.trim() !== '')
    throw new StartFailure(
      `${file} ends within the statement of line ${first}. Nothing was imported.`,
    )
}

/** A line ends a statement unless it is inside a string or a trigger. */
const isComplete = (sql: string, line: string): boolean =>
  line.trimEnd().endsWith(';') &&
  sql.split("'").length % 2 === 1 &&
  (!TRIGGER.test(sql) || /^\s*END;\s*$/i.test(line))

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
