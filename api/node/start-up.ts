/** The part of a start that comes before the database is opened: folder, lock and keys. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../env.ts'
import { prepareFolder, refuseNetworkFolder } from './data-folder.ts'
import { StartFailure } from './failures.ts'
import { loadEncryptionKeys, loadRootKey, storeRootKey } from './keys.ts'
import { lockFolder } from './lock.ts'
import { atTerminal, printable } from './log.ts'
import { printNotice, printWarning, terminalNotice } from './notices.ts'
import type { NodeSettings, SharedSettings } from './settings.ts'

/** Prepares and locks DATA_DIR, and loads the keys. Throws StartFailure with what the operator must do. */
export function prepareStart(
  { dataDir }: NodeSettings,
  shared: SharedSettings,
  newRootKey: boolean,
) {
  if (newRootKey && shared.rootKeyHash !== null) {
    throw new StartFailure('ROOT_API_KEY is set: change the root key there.')
  }
  // SQLite creates its files with this mask, which keeps them from other users.
  process.umask(0o077)
  for (const warning of prepareFolder('DATA_DIR', dataDir)) printWarning(warning)
  refuseNetworkFolder(dataDir)
  const lock = lockFolder(dataDir)
  const databaseFile = join(dataDir, 'mailgrant.sqlite')
  refuseMissingDatabase(databaseFile, dataDir)
  const keys = loadEncryptionKeys(dataDir, databaseFile, shared.encryptionKeys)
  const { hash, fresh } =
    shared.rootKeyHash === null
      ? loadRootKey(dataDir, newRootKey)
      : { hash: shared.rootKeyHash, fresh: null }
  const settings: Settings = {
    ...shared,
    encryptionKeys: keys.ring,
    rootKeyHash: hash,
    ...(shared.rootKeyHash === null && { rootKeyPlace: placeOfRootKey(dataDir, fresh) }),
  }
  // The lock is held until the process ends, and a fresh root key is for `announceStart`.
  return { settings, databaseFile, keys, lock, freshRootKey: fresh }
}

/** Returns where to find a root key that ROOT_API_KEY does not set. A new one is printed at a terminal, or else written. */
function placeOfRootKey(dataDir: string, fresh: string | null): Settings['rootKeyPlace'] {
  const isInFile = fresh === null ? existsSync(join(dataDir, 'root-key')) : !atTerminal
  return isInFile ? 'file' : 'shown'
}

/**
 * Throws a StartFailure if the database is missing or empty, and the folder shows that there was one, since a start
 * would create another and delete the WAL.
 */
export function refuseMissingDatabase(databaseFile: string, dataDir: string): void {
  const exists = (path: string) => statSync(path, { throwIfNoEntry: false })?.size
  if (exists(databaseFile)) return
  const left = [`${databaseFile}-wal`, join(dataDir, 'revoked')].filter(exists)
  if (left.length === 0) return
  throw new StartFailure(
    `The database ${databaseFile} is missing or empty, but there was one: ${left.join(' and ')} ${left.length === 1 ? 'is' : 'are'} left. Put the database back, or restore a copy of it with the command "restore". To begin with an empty database, move what is left elsewhere.`,
  )
}

/** Reveals a new root key on a terminal, with the address of the console, or else in a file that the log names. */
export function announceStart(settings: Settings, dataDir: string, freshRootKey: string | null) {
  const print = (rootKey: string | null) =>
    console.log(printable(terminalNotice(settings, rootKey)))
  if (freshRootKey !== null) {
    const file = storeRootKey(dataDir, freshRootKey, atTerminal ? print : null)
    printNotice(
      file === null
        ? 'A new root key was printed on the terminal.'
        : `The root key is in ${file}. Store it in your password manager, then delete the file.`,
    )
  } else if (atTerminal) print(null)
}
