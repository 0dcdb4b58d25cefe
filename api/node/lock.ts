/** The lock on DATA_DIR: one process at a time. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { folderFailure } from './data-folder.ts'
import { PassingFailure, StartFailure, storageFailureOf } from './failures.ts'

type Lock = { release: () => void }

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
    const failure = storageFailureOf(error)
    if (failure === 'locked')
      throw new PassingFailure(
        `DATA_DIR: another Mailgrant is running on ${folder}. Stop it first, or choose another folder.`,
      )
    if (failure === 'damaged')
      throw new StartFailure(
        `DATA_DIR: ${path} is damaged. Make sure that Mailgrant is not running, then delete it: it holds no data.`,
      )
    throw folderFailure('DATA_DIR', path, error)
  }
}
