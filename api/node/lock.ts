/** The lock on DATA_DIR: one process at a time. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { foreignOwner } from './data-folder.ts'
import { sqliteErrorName } from './sqlite-errors.ts'
import { PassingFailure, StartFailure } from './start-failure.ts'

export type Lock = { release: () => void }

const SQLITE_BUSY = 5
const SQLITE_NOTADB = 26

/**
 * Locks the folder for the life of the process, by a write transaction on a file of its own. The kernel
 * gives it back when the process dies, which a pid file would survive; and the database itself stays open
 * to a backup. Throws StartFailure if another process has the lock, or had it in a file that was deleted.
 */
export function lockFolder(folder: string): Lock {
  const path = join(folder, 'lock.db')
  if (!existsSync(path) && isInUse(join(folder, 'mailgrant.sqlite')))
    throw new PassingFailure(lockSentence(folder, path, SQLITE_BUSY))
  try {
    const database = new DatabaseSync(path, { timeout: 0 })
    // Without a journal file, as nothing is written.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE')
    return { release: () => database.close() }
  } catch (error) {
    const { errcode = 0 } = error as { errcode?: number }
    const Failure = errcode === SQLITE_BUSY ? PassingFailure : StartFailure
    throw new Failure(lockSentence(folder, path, errcode))
  }
}

/** Returns whether another process has the database open, also if only to read it. */
function isInUse(databaseFile: string): boolean {
  // SQLite would make a missing file, and delete the WAL of an empty one.
  if (!statSync(databaseFile, { throwIfNoEntry: false })?.size) return false
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(databaseFile, { timeout: 0 })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch (error) {
    return sqliteErrorName(error) === 'BUSY'
  } finally {
    database?.close()
  }
}

function lockSentence(folder: string, path: string, errcode: number): string {
  if (errcode === SQLITE_BUSY) {
    return `DATA_DIR: another Mailgrant is running on ${folder}. Stop it first, or choose another folder.`
  }
  if (errcode === SQLITE_NOTADB) return `DATA_DIR: ${path} is damaged. Delete it: it holds no data.`
  const foreign = foreignOwner(path)
  if (foreign !== null) return `DATA_DIR: ${foreign}`
  return `DATA_DIR: ${path} cannot be locked (SQLite error ${errcode}). Network file systems are not supported.`
}
