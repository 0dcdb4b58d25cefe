/** The first start on a copy of the database that has been put back. */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { endOpenAccess, repeatRevocations } from '../domain/restores.ts'
import type { Services } from '../services.ts'
import { type Lineage, newLineageId, readLineage, writeLineage } from './lineage.ts'
import { readRevocations, startRevocations } from './revocations.ts'
import { StartFailure } from './start-failure.ts'

/** Position in the file header of the version of its format: 1 with a rollback journal, 2 with a WAL. */
const FORMAT_OFFSET = 18
const FORMAT_ROLLBACK = 1

/**
 * Throws a StartFailure if the database is missing or empty, and the folder shows that there was one: a start would
 * begin another, delete the WAL, and replace the list of revocations.
 */
export function refuseMissingDatabase(databaseFile: string, dataDir: string): void {
  const exists = (path: string) => statSync(path, { throwIfNoEntry: false })?.size
  if (exists(databaseFile)) return
  const left = [`${databaseFile}-wal`, join(dataDir, 'revoked')].filter(exists)
  if (left.length === 0) return
  throw new StartFailure(
    `The database ${databaseFile} is missing or empty, but there was one: ${left.join(' and ')} ${left.length === 1 ? 'is' : 'are'} left. Put the database or a copy of it in its place; a restore that was interrupted can be repeated. To begin with an empty database, move what is left elsewhere.`,
  )
}

/**
 * Moves away the WAL of a database that a copy has replaced: SQLite would apply it to the copy. A copy is made
 * without a WAL, and says so in its header. To be called before the database is opened. Returns the new path
 * of the WAL, or null if there was none.
 */
export function moveStaleWal(databaseFile: string): string | null {
  const wal = `${databaseFile}-wal`
  // A reader of a stopped server leaves an empty one.
  if (!statSync(wal, { throwIfNoEntry: false })?.size || !existsSync(databaseFile)) return null
  if (readByte(databaseFile, FORMAT_OFFSET) !== FORMAT_ROLLBACK) return null
  const aside = `${wal}.replaced`
  renameSync(wal, aside)
  rmSync(`${databaseFile}-shm`, { force: true })
  return aside
}

export const describeStaleWal = (path: string) =>
  `The database was replaced by a copy. The last changes of the one before were moved to ${path}: delete it, unless you put that database back.`

/** Returns undefined beyond the end of the file. */
function readByte(path: string, position: number): number | undefined {
  const file = openSync(path, 'r')
  try {
    const byte = Buffer.alloc(1)
    return readSync(file, byte, 0, 1, position) === 1 ? byte[0] : undefined
  } finally {
    closeSync(file)
  }
}

export type Restore = {
  copiedAt: Date | null
  /** True if it is unknown which keys were revoked after the copy was made. */
  reviewKeys: boolean
}

/**
 * Repeats the recorded revocations, and ends open access if the database is a restored copy. Runs at each
 * start, before the first request, and again if it was interrupted. Returns null for a database that was not
 * restored.
 */
export async function settleDatabase(
  services: Pick<Services, 'store' | 'now' | 'random'>,
  { databaseFile, dataDir }: { databaseFile: string; dataDir: string },
): Promise<Restore | null> {
  const call = { actor: { type: 'system', id: null }, defer: () => {} } as const
  const database = new DatabaseSync(databaseFile, { timeout: 5_000 })
  try {
    const lineage = readLineage(database)
    const revocations = readRevocations(dataDir)
    const complete = revocations !== null && revocations.lineage === lineage?.id
    if (complete) await repeatRevocations(services, call, revocations.keyIds)
    const restore = restoreOf(lineage, complete)
    if (restore) await endOpenAccess(services, call, restore)
    if (complete) {
      if (restore) writeLineage(database, { id: revocations.lineage, copiedAt: null })
    } else {
      // A new lineage: an older copy lacks revocations that this file will not have either.
      const id = newLineageId()
      writeLineage(database, { id, copiedAt: null })
      startRevocations(dataDir, id)
    }
    return restore
  } finally {
    database.close()
  }
}

/** Describes to the operator what the start has done. */
export function describeRestore({ copiedAt, reviewKeys }: Restore): string {
  const copy = copiedAt
    ? `The database is a restored copy of ${copiedAt.toISOString()}.`
    : 'The list of revoked API keys beside the database is missing, or belongs to another database.'
  const keys = reviewKeys
    ? ' API keys that were revoked since may work again: confirm or revoke each one in the console.'
    : ' API keys that were revoked since are revoked.'
  return `${copy} Console sessions, open sign-ins and links have ended.${keys}`
}

/** Returns the restore of a marked copy, or of a database without its list of revocations, which may be older than some. */
function restoreOf(lineage: Lineage | null, complete: boolean): Restore | null {
  if (lineage === null || (lineage.copiedAt === null && complete)) return null
  return { copiedAt: lineage.copiedAt, reviewKeys: !complete }
}
