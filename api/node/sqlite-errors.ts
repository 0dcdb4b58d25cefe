/** SQLite's errors by number: https://sqlite.org/rescode.html */

/** Primary result codes by number. */
const NAMES = [
  'OK',
  'ERROR',
  'INTERNAL',
  'PERM',
  'ABORT',
  'BUSY',
  'LOCKED',
  'NOMEM',
  'READONLY',
  'INTERRUPT',
  'IOERR',
  'CORRUPT',
  'NOTFOUND',
  'FULL',
  'CANTOPEN',
  'PROTOCOL',
  'EMPTY',
  'SCHEMA',
  'TOOBIG',
  'CONSTRAINT',
  'MISMATCH',
  'MISUSE',
  'NOLFS',
  'AUTH',
  'FORMAT',
  'RANGE',
  'NOTADB',
] as const

type SqliteErrorName = (typeof NAMES)[number]

/** Second byte of a violated constraint. */
const CONSTRAINTS = [
  '',
  'CHECK',
  'COMMITHOOK',
  'FOREIGNKEY',
  'FUNCTION',
  'NOTNULL',
  'PRIMARYKEY',
  'TRIGGER',
  'UNIQUE',
  'VTAB',
  'ROWID',
  'PINNED',
  'DATATYPE',
]

/** `errcode` is the extended result code. */
export const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** Returns the name of the primary result code, or null for an error of another kind. */
export const sqliteErrorName = (error: unknown): SqliteErrorName | null =>
  isSqliteError(error) ? (NAMES[error.errcode & 0xff] ?? null) : null

/** Returns the message with the names of its codes, as D1 does. */
export function describeSqliteError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!isSqliteError(error)) return message
  const name = `SQLITE_${sqliteErrorName(error)}`
  const detail = error.errcode >> 8
  if (detail === 0) return `${message}: ${name}`
  const extended = name === 'SQLITE_CONSTRAINT' ? CONSTRAINTS[detail] : detail
  return `${message}: ${name} (extended: ${name}_${extended})`
}
