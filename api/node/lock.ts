/** The lock on DATA_DIR: one process at a time. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { foreignOwner } from './data-folder.ts'
import { PassingFailure, StartFailure } from './start-failure.ts'

export type Lock = { release: () => void }

const SQLITE_BUSY = 5
const SQLITE_NOTADB = 26

/**
 * Locks the folder for the life of the process, by a write transaction on a separate file. The kernel releases it when
 * the process dies, which a pid file would survive, and the database itself stays open to a backup. Throws
 * PassingFailure if another process has the lock, and StartFailure if the file cannot be used.
 */
export function lockFolder(folder: string): Lock {
  const path = join(folder, 'lock.db')
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

function lockSentence(folder: string, path: string, errcode: number): string {
  if (errcode === SQLITE_BUSY) {
    return `DATA_DIR: another Mailgrant is running on ${folder}. Stop it first, or choose another folder.`
  }
  if (errcode === SQLITE_NOTADB)
    return `DATA_DIR: ${path} is damaged. Make sure that Mailgrant is not running, then delete it: it holds no data.`
  const foreign = foreignOwner(path)
  if (foreign !== null) return `DATA_DIR: ${foreign}`
  return `DATA_DIR: ${path} cannot be locked (SQLite error ${errcode}). Network file systems are not supported.`
}
