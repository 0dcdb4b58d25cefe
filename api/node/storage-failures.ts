/** Failures of the database and other files, each with what an operator does about it. */
import { isSqliteError, sqliteErrorName } from './sqlite-errors.ts'

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

/** Codes of the file system, and names of SQLite's errors. */
const FAILURES: Record<string, StorageFailure> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  FULL: 'full',
  EACCES: 'read_only',
  EPERM: 'read_only',
  EROFS: 'read_only',
  READONLY: 'read_only',
  PERM: 'read_only',
  CORRUPT: 'damaged',
  NOTADB: 'damaged',
  FORMAT: 'damaged',
  BUSY: 'locked',
  LOCKED: 'locked',
  PROTOCOL: 'locked',
  EIO: 'disk',
  IOERR: 'disk',
  ENOENT: 'path',
  ENOTDIR: 'path',
  EEXIST: 'path',
  EISDIR: 'path',
  CANTOPEN: 'path',
}

/** SQLITE_IOERR_SHMSIZE: there is no space for the index of the WAL. */
const IOERR_SHMSIZE = 4874

/** Returns null for an error that has nothing to do with the file: a bug, or a value that is refused. */
export function storageFailureOf(error: unknown): StorageFailure | null {
  if (!(error instanceof Error)) return null
  if (isSqliteError(error) && error.errcode === IOERR_SHMSIZE) return 'full'
  const code = sqliteErrorName(error) ?? ('code' in error ? String(error.code) : '')
  return FAILURES[code] ?? storageFailureOf(error.cause)
}

/** Returns a sentence about the database. `subject` is its first words. */
export const explainStorageFailure = (failure: StorageFailure, subject: string): string =>
  `${subject} ${SENTENCES[failure]}`
