/** The database file. Network file systems are not supported, since their locks do not keep a WAL consistent. */
import { closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '../log.ts'
import { createD1 } from './d1.ts'
import { folderFailure } from './data-folder.ts'
import { explainStorageFailure, StartFailure, storageFailureOf } from './failures.ts'
import { createFileHealth } from './file-health.ts'
import { processLog } from './log.ts'
import { type Migration, migrate } from './migrations.ts'

/**
 * Time for which a statement waits for a lock of another process. The whole process waits meanwhile, since only tools
 * of an operator hold such a lock.
 */
const BUSY_TIMEOUT_MS = 5_000
/** Size up to which a start checks the file, which takes under a second. */
const QUICK_CHECK_BYTES = 268_435_456
/** Size to which the WAL shrinks again after a large transaction, or after a long copy has ended. */
const WAL_BYTES = 16_777_216

/**
 * Opens the file, or creates it, and applies the migrations that it lacks. Throws a StartFailure that says
 * what to do about a file that cannot be used.
 */
export function openDatabaseFile(
  path: string,
  migrations: readonly Migration[],
  { busyTimeoutMs = BUSY_TIMEOUT_MS, log = processLog }: { busyTimeoutMs?: number; log?: Log } = {},
) {
  let database: DatabaseSync | undefined
  try {
    // SQLite gives the WAL the mode of the file.
    closeSync(openSync(path, 'a', 0o600))
    database = new DatabaseSync(path, { timeout: busyTimeoutMs })
    configure(database, path)
    migrate(database, path, migrations)
    const opened = database
    const health = createFileHealth(path, log)
    // Closing moves the WAL into the file, which is complete on its own then.
    return { d1: createD1(opened, health), health, close: () => opened.close() }
  } catch (error) {
    database?.close()
    throw storageFailureOf(error) === null ? error : folderFailure('DATA_DIR', path, error)
  }
}

/**
 * Sets the pragmas. Throws if the database is read-only or cannot use WAL, or if it is damaged. A large one is not
 * checked for damage.
 */
function configure(database: DatabaseSync, path: string): void {
  const [mode] = database.prepare('PRAGMA journal_mode = WAL').all()
  if (mode?.journal_mode !== 'wal') {
    throw new StartFailure(
      `The disk of ${path} cannot share memory between processes, as most network file systems cannot. Set DATA_DIR to a folder on a local disk.`,
    )
  }
  // Every commit reaches the disk before it is acknowledged; macOS needs fullfsync for that. A larger cache and
  // mmap gained nothing when measured.
  database.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON')
  // Temporary files would need a folder that can be written beside DATA_DIR. Without one, as in a container with a
  // read-only root, statements that change many rows failed.
  database.exec('PRAGMA temp_store = MEMORY')
  const limit = `PRAGMA journal_size_limit = ${WAL_BYTES}`
  database.exec(limit)
  // Fails where the file or its folder is read-only.
  database.exec('BEGIN IMMEDIATE; ROLLBACK')
  // Reads the whole file. A large one is checked with each copy instead.
  const isSmall = statSync(path).size < QUICK_CHECK_BYTES
  if (isSmall && database.prepare('PRAGMA quick_check(1)').get()?.quick_check !== 'ok')
    throw new StartFailure(explainStorageFailure('damaged', `The database ${path}`))
}
