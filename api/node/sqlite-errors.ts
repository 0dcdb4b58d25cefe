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

/** `errcode` is the extended result code. */
export const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** Returns the name of the primary result code, or null for an error of another kind. */
export const sqliteErrorName = (error: unknown): SqliteErrorName | null =>
  isSqliteError(error) ? (NAMES[error.errcode & 0xff] ?? null) : null

/** Returns the message with the name of its primary code, and the number of an extended one. */
export function describeSqliteError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!isSqliteError(error)) return message
  const described = `${message}: SQLITE_${sqliteErrorName(error)}`
  return error.errcode > 0xff ? `${described} (extended: ${error.errcode})` : described
}
