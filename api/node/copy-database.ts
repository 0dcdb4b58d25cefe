/** Consistent copies of the database, also while the server runs, and their inspection. */
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { moveIntoPlace } from './data-folder.ts'
import { explainStorageFailure, StartFailure, storageFailureOf } from './failures.ts'

/**
 * Copies the database `source` to `target`, a new file that only its owner may read. It gets its name only once it is
 * complete, checked and on the disk. Blocks for as long as SQLite reads the database. Throws StartFailure.
 */
export function copyDatabase(source: string, target: string): void {
  if (!existsSync(source)) throw new StartFailure(`There is no database at ${source}.`)
  createFile(target, (part) => {
    // One read transaction, which does not keep the server from writing. A file copy would lack the WAL.
    readDatabase(source, (database) => database.prepare('VACUUM INTO ?').run(part))
    checkDatabase(part)
  })
}

/**
 * Creates a file of mode 0600 that gets its name once `write` has filled it and it is on the disk. Never overwrites a
 * file. Throws StartFailure.
 */
export function createFile<Value>(target: string, write: (part: string) => Value): Value {
  if (existsSync(target))
    throw new StartFailure(`${target} exists and is not overwritten. Choose another name.`)
  const part = `${target}.part`
  try {
    closeSync(openSync(part, 'wx', 0o600))
  } catch (error) {
    if (existsSync(part))
      throw new StartFailure(
        `${part} exists: another process writes it, or was interrupted. Delete it in the latter case.`,
      )
    throw explainFailure(error, target)
  }
  try {
    const value = write(part)
    moveIntoPlace(part, target)
    return value
  } catch (error) {
    rmSync(part, { force: true })
    throw explainFailure(error, target)
  }
}

/** Throws StartFailure for a database that is damaged. */
export function checkDatabase(path: string): void {
  const check = readDatabase(path, (database) =>
    database.prepare('PRAGMA integrity_check(1)').get(),
  )
  if (check?.integrity_check !== 'ok')
    throw new StartFailure(explainStorageFailure('damaged', path))
}

/** Describes a database to the operator, such as "2 email accounts, 1 grant and 3 API keys (0.4 MB)". */
export function describeContents(path: string): string {
  const counts = readDatabase(path, (database) =>
    database
      .prepare(
        `SELECT (SELECT count(*) FROM mail_accounts) AS accounts, (SELECT count(*) FROM grants) AS grants,
          (SELECT count(*) FROM api_keys) AS keys`,
      )
      .get(),
  )
  const counted = (count: unknown, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
  return `${counted(counts?.accounts, 'email account')}, ${counted(counts?.grants, 'grant')} and ${counted(counts?.keys, 'API key')} (${(statSync(path).size / 1e6).toFixed(1)} MB)`
}

/** Throws StartFailure for a file that cannot be read. */
function readDatabase<Value>(path: string, read: (database: DatabaseSync) => Value): Value {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    return read(database)
  } catch (error) {
    throw explainFailure(error, path)
  } finally {
    database?.close()
  }
}

/** Returns the sentence for a failure to read or write the file `path`, or the error itself if it has another cause. */
function explainFailure(error: unknown, path: string): unknown {
  const failure = error instanceof StartFailure ? null : storageFailureOf(error)
  return failure === null
    ? error
    : new StartFailure(explainStorageFailure(failure, path), { cause: error })
}
