/** The part of a start that comes before the database is opened: folder, lock and keys. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../env.ts'
import type { Arguments } from './arguments.ts'
import { prepareFolder, refuseNetworkFolder } from './data-folder.ts'
import { type EncryptionKeys, loadEncryptionKeys, loadRootKey, storeRootKey } from './keys.ts'
import { type Lock, lockFolder } from './lock.ts'
import { atTerminal, openLogFile, printable } from './log.ts'
import { printNotice, printWarning, terminalNotice } from './notices.ts'
import type { NodeSettings, SharedSettings } from './settings.ts'
import { StartFailure } from './start-failure.ts'
import { explainStorageFailure, storageFailureOf } from './storage-failures.ts'

type StartUp = {
  settings: Settings
  databaseFile: string
  keys: EncryptionKeys
  /** Held until the process ends. */
  lock: Lock
  /** A root key that this start has made, for `announceStart`. */
  freshRootKey: string | null
}

/** Prepares and locks DATA_DIR, and loads the keys. Throws StartFailure with what the operator must do. */
export function prepareStart(
  { dataDir }: NodeSettings,
  shared: SharedSettings,
  { newRootKey }: Arguments,
): StartUp {
  if (newRootKey && shared.rootKeyHash !== null) {
    throw new StartFailure('ROOT_API_KEY is set: change the root key there.')
  }
  // SQLite creates its files with this mask, which keeps them from other users.
  process.umask(0o077)
  const warnings = prepareFolder('DATA_DIR', dataDir)
  refuseNetworkFolder(dataDir)
  const lock = lockFolder(dataDir)
  openLogFile(dataDir, (path, error) => printWarning(describeLogFailure(path, error)))
  for (const warning of warnings) printWarning(warning)
  const databaseFile = join(dataDir, 'mailgrant.sqlite')
  refuseMissingDatabase(databaseFile, dataDir)
  const keys = loadEncryptionKeys(dataDir, databaseFile, shared.encryptionKeys)
  for (const warning of keys.warnings) printWarning(warning)
  const { hash, fresh } =
    shared.rootKeyHash === null
      ? loadRootKey(dataDir, newRootKey)
      : { hash: shared.rootKeyHash, fresh: null }
  const settings = {
    ...shared,
    encryptionKeys: keys.ring,
    rootKeyHash: hash,
    ...(shared.rootKeyHash === null && { rootKeyPlace: placeOfRootKey(dataDir, fresh) }),
  }
  return { settings, databaseFile, keys, lock, freshRootKey: fresh }
}

/** Returns where to find a root key that ROOT_API_KEY does not set. A new one is printed at a terminal, or else written. */
function placeOfRootKey(dataDir: string, fresh: string | null): Settings['rootKeyPlace'] {
  const isInFile = fresh === null ? existsSync(join(dataDir, 'root-key')) : !atTerminal
  return isInFile ? 'file' : 'shown'
}

function describeLogFailure(path: string, error: unknown): string {
  const failure = storageFailureOf(error)
  const what =
    failure === null ? `${path} cannot be written.` : explainStorageFailure(failure, path)
  return `${what} Mailgrant runs on, and its log lacks lines until then.`
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
    console.log(printable(terminalNotice(settings, dataDir, rootKey)))
  if (freshRootKey !== null) {
    const file = storeRootKey(dataDir, freshRootKey, atTerminal ? print : null)
    printNotice(
      file === null
        ? 'A new root key was printed on the terminal.'
        : `The root key is in ${file}. Store it in your password manager, then delete the file.`,
    )
  } else if (atTerminal) print(null)
}
