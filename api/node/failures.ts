/** Expected failures of a start, and those of the database and other files, each with what an operator does about it. */

/**
 * An expected reason not to start or to run a command. Its message is a sentence for the operator, and nothing else is
 * printed.
 */
export class StartFailure extends Error {}

/** A reason that may pass without the operator, such as a network that is not up yet. */
export class PassingFailure extends StartFailure {}

export type StorageFailure = keyof typeof SENTENCES

const SENTENCES = {
  full: 'cannot be written: the disk is full. Free some space. What was stored is not lost.',
  read_only:
    'cannot be used. Check that the user who runs Mailgrant may read and write the file and its folder, and that the disk is not mounted read-only.',
  damaged:
    'is damaged, or is no SQLite database. Keep the file, check the disk, and restore the latest copy with the command "restore".',
  locked: 'is locked by another program. End that program.',
  disk: 'cannot be read or written: the disk reports an error. Check the disk and the log of the operating system.',
  path: 'cannot be opened. Check that its folder exists and that nothing else has its name.',
} as const

/** Codes of the file system, and SQLite's primary result codes (https://sqlite.org/rescode.html). */
const FAILURES: Record<string, StorageFailure> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  /** SQLITE_FULL */
  13: 'full',
  EACCES: 'read_only',
  EPERM: 'read_only',
  EROFS: 'read_only',
  /** SQLITE_PERM, SQLITE_READONLY */
  3: 'read_only',
  8: 'read_only',
  /** SQLITE_CORRUPT, SQLITE_FORMAT, SQLITE_NOTADB */
  11: 'damaged',
  24: 'damaged',
  26: 'damaged',
  /** SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL */
  5: 'locked',
  6: 'locked',
  15: 'locked',
  EIO: 'disk',
  /** SQLITE_IOERR */
  10: 'disk',
  ENOENT: 'path',
  ENOTDIR: 'path',
  EEXIST: 'path',
  EISDIR: 'path',
  /** SQLITE_CANTOPEN */
  14: 'path',
}

/** SQLITE_IOERR_SHMSIZE: there is no space for the index of the WAL. */
const IOERR_SHMSIZE = 4874

/** `errcode` is the extended result code. */
export const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** Returns the message with SQLite's result code. */
export function describeSqliteError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return isSqliteError(error) ? `${message} (SQLite error ${error.errcode})` : message
}

/** Returns null for an error that has nothing to do with the file: a bug, or a value that is refused. */
export function storageFailureOf(error: unknown): StorageFailure | null {
  if (!(error instanceof Error)) return null
  if (isSqliteError(error) && error.errcode === IOERR_SHMSIZE) return 'full'
  const code = isSqliteError(error) ? error.errcode & 0xff : 'code' in error ? error.code : ''
  return FAILURES[String(code)] ?? storageFailureOf(error.cause)
}

/** Returns a sentence about the database. `subject` is its first words. */
export const explainStorageFailure = (failure: StorageFailure, subject: string): string =>
  `${subject} ${SENTENCES[failure]}`
