/** The database that `restore` or `import` puts in place: the rows of a copy, without what has ended since. */
import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createFile, describeContents, inspectDatabase } from './copy-database.ts'
import { endOpenAccess, keepEnded, PRESENT_TABLES, revokeAllKeys } from './ended-access.ts'
import type { Migration } from './migrations.ts'
import { StartFailure } from './start-failure.ts'
import {
  DifferentSource,
  type OpenSource,
  openCopy,
  takeRows,
  UnusableSource,
} from './take-rows.ts'

export type RestoreOptions = {
  /** Keeps the keys of the copy valid if there is no present database that shows which of them still are. */
  keepKeys: boolean
  /** Also restores access that was deleted from the present database since the copy was made. */
  withDeleted: boolean
}

type Context = { databaseFile: string; migrations: readonly Migration[]; now: () => Date }

/** Creates the database `target`. Returns what it holds, and lines for the operator. Throws StartFailure. */
export function createRestoredDatabase(
  context: Context,
  open: OpenSource,
  file: string,
  target: string,
  options: RestoreOptions,
): { contents: string; lines: string[] } {
  const present = `${context.databaseFile}.present`
  // An interrupted restore must have left them, since this process has the lock.
  for (const left of [present, `${present}.part`, `${target}.part`]) rmSync(left, { force: true })
  try {
    const unreadable = takePresent(context, present)
    return createFile(target, (part) => {
      takeRows(open, file, part, context.migrations)
      const lines = endAccess(part, { present, unreadable }, options, context)
      return { contents: describeContents(inspectDatabase(part)), lines }
    })
  } finally {
    rmSync(present, { force: true })
  }
}

/**
 * Copies the tables that show what has ended since. Returns null, or a sentence if no database can be read. Throws a
 * StartFailure for one of another version, or whose schema was changed. Its keys are never dropped silently.
 */
function takePresent({ databaseFile, migrations }: Context, target: string): string | null {
  if (!existsSync(databaseFile)) return `There was no database at ${databaseFile} to compare with.`
  try {
    createFile(target, (part) =>
      takeRows(openCopy, databaseFile, part, migrations, { tables: PRESENT_TABLES }),
    )
    return null
  } catch (error) {
    if (error instanceof DifferentSource)
      throw new StartFailure(
        `${error.finding}. Without it, Mailgrant cannot tell what has ended since the copy was made, so nothing was changed. Move it away and repeat this command. Every API key in the copy is then revoked, unless you add --keep-keys.`,
      )
    if (error instanceof UnusableSource) return error.message
    throw error
  }
}

function endAccess(
  file: string,
  { present, unreadable }: { present: string; unreadable: string | null },
  { keepKeys, withDeleted }: RestoreOptions,
  { databaseFile, now }: Context,
): string[] {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA temp_store = MEMORY')
    const ended = 'Console sessions, open sign-ins and links have ended.'
    if (unreadable === null) {
      const lines = keepEnded(database, present, withDeleted, now())
      endOpenAccess(database, 0, now())
      return keepKeys ? [ended, keepKeysIgnored(databaseFile), ...lines] : [ended, ...lines]
    }
    const revoked = keepKeys ? 0 : revokeAllKeys(database, now())
    endOpenAccess(database, revoked, now())
    const keys = keepKeys
      ? 'The API keys in the copy work. Revoke those that you do not recognise.'
      : `All ${revoked} API keys of the copy were revoked: create new ones. To keep them, move ${databaseFile} away and repeat this command with --keep-keys.`
    return [ended, unreadable, keys]
  } finally {
    database.close()
  }
}

/** Warns of a likely mistake: the rescued data is newer than the database that decides what has ended. */
const keepKeysIgnored = (databaseFile: string): string =>
  `--keep-keys had no effect, because there was a database to compare with. If the copy is newer than it, move ${databaseFile} away and repeat this command. Otherwise the keys and sign-ins that only the copy has are lost.`
