/** Consistent copies of the database, also while the server runs, and their inspection. */
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { moveIntoPlace } from './data-folder.ts'
import { StartFailure } from './start-failure.ts'
import { explainStorageFailure, storageFailureOf } from './storage-failures.ts'

type DatabaseContents = {
  mailAccounts: number
  grants: number
  apiKeys: number
  bytes: number
}

/**
 * Copies the database `source` to `target`, a new file that only its owner may read, and returns what the copy
 * holds. It gets its name only once it is complete, checked and on the disk. Blocks for as long as SQLite reads
 * the database. Throws StartFailure.
 */
export function copyDatabase(source: string, target: string): DatabaseContents {
  if (!existsSync(source)) throw new StartFailure(`There is no database at ${source}.`)
  return createFile(target, (part) => {
    copyContents(source, part)
    return inspectDatabase(part)
  })
}

/** Copies what the database `source` and its WAL hold into the empty file `part`. */
function copyContents(source: string, part: string): void {
  const database = new DatabaseSync(source, { readOnly: true, timeout: 5_000 })
  try {
    // One read transaction, which does not keep the server from writing. A file copy would lack the WAL.
    database.prepare('VACUUM INTO ?').run(part)
  } finally {
    database.close()
  }
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

/** Checks a database and counts its rows. Throws StartFailure for one that is damaged, or not Mailgrant's. */
export function inspectDatabase(path: string): DatabaseContents {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    return { ...readContents(database, path), bytes: statSync(path).size }
  } catch (error) {
    throw explainFailure(error, path)
  } finally {
    database?.close()
  }
}

function readContents(database: DatabaseSync, path: string): Omit<DatabaseContents, 'bytes'> {
  const [check] = database.prepare('PRAGMA integrity_check').all()
  if (check?.integrity_check !== 'ok')
    throw new StartFailure(explainStorageFailure('damaged', path))
  const tables = database.prepare(
    "SELECT count(*) AS found FROM sqlite_schema WHERE name IN ('mail_accounts', 'grants', 'api_keys', 'd1_migrations')",
  )
  if (tables.get()?.found !== 4)
    throw new StartFailure(
      `${path} is not a Mailgrant database, because it lacks Mailgrant's tables.`,
    )
  const counts = database.prepare(`SELECT (SELECT count(*) FROM mail_accounts) AS mailAccounts,
    (SELECT count(*) FROM grants) AS grants, (SELECT count(*) FROM api_keys) AS apiKeys`)
  return { ...(counts.get() as Omit<DatabaseContents, 'bytes'>) }
}

/** Describes the contents to the operator, such as "2 email accounts, 1 grant and 3 API keys (0.4 MB)". */
export function describeContents({
  mailAccounts,
  grants,
  apiKeys,
  bytes,
}: DatabaseContents): string {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
  return `${counted(mailAccounts, 'email account')}, ${counted(grants, 'grant')} and ${counted(apiKeys, 'API key')} (${(bytes / 1e6).toFixed(1)} MB)`
}

/** Returns the sentence for a failure to read or write the file `path`, or the error itself if it has another cause. */
function explainFailure(error: unknown, path: string): unknown {
  const failure = error instanceof StartFailure ? null : storageFailureOf(error)
  return failure === null
    ? error
    : new StartFailure(explainStorageFailure(failure, path), { cause: error })
}
