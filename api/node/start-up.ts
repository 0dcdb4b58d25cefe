/** The part of a start that comes before the database is opened: folder, lock and keys. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../env.ts'
import type { Arguments } from './arguments.ts'
import { prepareFolder, refuseNetworkFolder } from './data-folder.ts'
import { type EncryptionKeys, loadEncryptionKeys, loadRootKey, storeRootKey } from './keys.ts'
import { type Lock, lockFolder } from './lock.ts'
import { printNotice, printWarning } from './notices.ts'
import type { NodeSettings, SharedSettings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

type StartUp = {
  settings: Settings
  databaseFile: string
  keys: EncryptionKeys
  /** Held until the process ends. */
  lock: Lock
  /** A root key that this start has made, for `handOverRootKey`. */
  freshRootKey: string | null
}

/** Throws StartFailure with what the operator must do. */
export function prepareStart(
  { dataDir }: NodeSettings,
  shared: SharedSettings,
  { newRootKey }: Arguments,
): StartUp {
  if (newRootKey && shared.rootKeyHash !== null) {
    throw new StartFailure('ROOT_API_KEY is set: change the root key there.')
  }
  // SQLite makes its files with it.
  process.umask(0o077)
  for (const warning of prepareFolder('DATA_DIR', dataDir)) printWarning(warning)
  refuseNetworkFolder(dataDir)
  const lock = lockFolder(dataDir)
  const databaseFile = join(dataDir, 'mailgrant.sqlite')
  refuseMissingDatabase(databaseFile, dataDir)
  const keys = loadEncryptionKeys(dataDir, databaseFile, shared.encryptionKeys)
  for (const warning of keys.warnings) printWarning(warning)
  const { hash, fresh } =
    shared.rootKeyHash === null
      ? loadRootKey(dataDir, newRootKey)
      : { hash: shared.rootKeyHash, fresh: null }
  const settings = { ...shared, encryptionKeys: keys.ring, rootKeyHash: hash }
  return { settings, databaseFile, keys, lock, freshRootKey: fresh }
}

/**
 * Throws a StartFailure if the database is missing or empty, and the folder shows that there was one: a start would
 * create another and delete the WAL.
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

/** Prints a new root key to a terminal, or writes it to a file that the log names. */
export function handOverRootKey(dataDir: string, key: string): void {
  const print = (text: string) => console.log(`Root key: ${text}`)
  const file = storeRootKey(dataDir, key, process.stdout.isTTY ? print : null)
  printNotice(
    file === null
      ? 'Sign in to the console with it, and store it in your password manager: only its hash is kept here.'
      : `The root key is in ${file}. Store it in your password manager, then delete the file.`,
  )
}
