/**
 * The API keys that were revoked, in `DATA_DIR/revoked` beside the database, since a restored copy of the database can
 * be older than some revocations, which must not be undone.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { revokeApiKeys } from '../domain/access/keys.ts'
import { StorageError } from '../model/storage.ts'
import type { Services } from '../services.ts'
import { folderFailure } from './data-folder.ts'
import { StartFailure } from './failures.ts'

const ENTRY = /^(key_[a-z2-7]{26})\b/gm
const HEADER = /^# API keys revoked since (\S+Z)\./m
const headerAt = (time: Date) =>
  `\n# API keys revoked since ${time.toISOString()}. Keep this file beside the database: without it, a restored copy could bring them back.\n`

type Revocations = {
  keyIds: string[]
  /** Time from which the list is complete. Null if it is missing, or has no beginning. */
  since: Date | null
}

const pathIn = (dataDir: string) => join(dataDir, 'revoked')

/** Revokes the keys of the list that are valid in this database, as after the restore of an older copy. */
export async function repeatRevocations(
  services: Pick<Services, 'store' | 'now' | 'random'>,
  dataDir: string,
): Promise<void> {
  const { keyIds, since } = readRevocations(dataDir)
  try {
    if (since === null) append(dataDir, headerAt(services.now()))
  } catch (error) {
    throw folderFailure('DATA_DIR', pathIn(dataDir), error)
  }
  await revokeApiKeys(services, keyIds)
}

/** Throws StartFailure for a list that cannot be read. */
export function readRevocations(dataDir: string): Revocations {
  const path = pathIn(dataDir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { keyIds: [], since: null }
  if (stats.isSymbolicLink())
    throw new StartFailure(
      `DATA_DIR: ${path} is a symbolic link, but revoked keys are only written to a file in the folder itself. Replace the link with the file that it points at.`,
    )
  try {
    const text = readFileSync(path, 'utf8')
    const [, since] = HEADER.exec(text) ?? []
    return {
      keyIds: [...new Set([...text.matchAll(ENTRY)].flatMap(([, id]) => id ?? []))],
      since: since === undefined ? null : new Date(since),
    }
  } catch (error) {
    throw folderFailure('DATA_DIR', path, error)
  }
}

/** Returns a function that adds a key. Throws StorageError if the key might not be on the disk. */
export function createRevocationRecorder(dataDir: string, now: () => Date) {
  return async (keyId: string): Promise<void> => {
    try {
      // On a line of its own, even after a line that a full disk has cut.
      append(dataDir, `\n${keyId} ${now().toISOString()}\n`)
    } catch (cause) {
      throw new StorageError('The revocation could not be recorded', { cause })
    }
  }
}

/** Not through a symbolic link, which could lead to any file of the user that runs Mailgrant. */
const FLAGS = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW

function append(dataDir: string, text: string): void {
  const file = openSync(pathIn(dataDir), FLAGS, 0o600)
  try {
    writeFileSync(file, text, { flush: true })
  } finally {
    closeSync(file)
  }
}
