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

export type SqliteErrorName = (typeof NAMES)[number]

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

const extendedCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : null

/** Returns null for an error of another kind. */
export function sqliteErrorName(error: unknown): SqliteErrorName | null {
  const code = extendedCode(error)
  return code === null ? null : (NAMES[code & 0xff] ?? null)
}

/** Returns the message with the names of its codes, as D1 does. */
export function describeSqliteError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const name = sqliteErrorName(error)
  if (name === null) return message
  const detail = (extendedCode(error) ?? 0) >> 8
  if (detail === 0) return `${message}: SQLITE_${name}`
  const extended = name === 'CONSTRAINT' ? CONSTRAINTS[detail] : detail
  return `${message}: SQLITE_${name} (extended: SQLITE_${name}_${extended})`
}
