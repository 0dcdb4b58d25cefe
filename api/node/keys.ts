/**
 * The keys of your own server, in DATA_DIR unless the environment has them: the encryption keys, and the hash of the
 * root key.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyRing, KeyRingSetting } from '../../schema/settings.ts'
import { hashSecret } from '../hash.ts'
import { folderFailure, readTextFile, replaceFile } from './data-folder.ts'
import { StartFailure } from './failures.ts'

const KEY_FILE_HEADER = `# Mailgrant's encryption keys, newest first. Back this file up apart from the database:
# without it, stored tokens and secrets cannot be decrypted.
`

export type EncryptionKeys = {
  ring: KeyRing
  /** Source of the keys, for messages: `ENCRYPTION_KEYS`, or the path of the key file. */
  source: string
}

/**
 * Returns the encryption keys of the environment or of the key file. Makes a key file only if there is no database yet,
 * before anything is encrypted, so no new key is ever made beside a database that another one has encrypted. Throws
 * StartFailure.
 */
export function loadEncryptionKeys(
  dataDir: string,
  databaseFile: string,
  fromEnvironment: KeyRing | null,
): EncryptionKeys {
  if (fromEnvironment !== null) return { ring: fromEnvironment, source: 'ENCRYPTION_KEYS' }
  const file = join(dataDir, 'encryption-keys')
  const stored = readIfExists(file)
  if (stored !== null) {
    const ring = parseKeyFile(stored)
    if (typeof ring !== 'string') return { ring, source: file }
    throw new StartFailure(
      `${file} is damaged: ${ring}. Restore it from its backup. Nothing else can decrypt the database.`,
    )
  }
  if (existsSync(databaseFile)) {
    throw new StartFailure(
      `There is a database, but no key for it: ${file} is missing, and ENCRYPTION_KEYS is not set. Restore the file from its backup, or set ENCRYPTION_KEYS. To start without this data, move what is in ${dataDir} elsewhere.`,
    )
  }
  const month = new Date().toISOString().slice(0, 7)
  const text = `${month}:${randomBytes(32).toString('base64')}`
  store(file, `${KEY_FILE_HEADER}${text}\n`)
  return { ring: KeyRingSetting.parse(text), source: file }
}

/** Returns the keys, one a line, or what is wrong with them. Editors may have changed the line ends. */
function parseKeyFile(text: string): KeyRing | string {
  const lines = text.split(/\r?\n/)
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && line[0] !== '#')
  const ring = KeyRingSetting.safeParse(keys.join(','))
  if (ring.success) return ring.data
  return keys.length === 0 ? 'it has no key' : (ring.error.issues[0]?.message ?? 'it has no key')
}

/**
 * Returns the hash of the stored root key, or makes a new key if there is none or `replace` asks for it. `fresh` is
 * such a key, for `storeRootKey`. Throws StartFailure if the stored hash is damaged.
 */
export function loadRootKey(dataDir: string, replace: boolean) {
  const file = join(dataDir, 'root-key-hash')
  const hash = readIfExists(file)?.trim()
  if (hash !== undefined && !replace) {
    if (/^[\w-]{43}$/.test(hash)) return { hash, fresh: null }
    throw new StartFailure(
      `${file} is damaged. Make a new root key: start Mailgrant with --new-root-key.`,
    )
  }
  const fresh = `mg_root_${randomBytes(32).toString('base64url')}`
  return { hash: hashSecret(fresh), fresh }
}

/**
 * Shows a new root key and then stores its hash, so that a crash in between loses no valid key. It is printed to a
 * terminal only, since journald and container logs keep what is printed. Otherwise it is written to a file, whose path
 * is returned.
 */
export function storeRootKey(
  dataDir: string,
  key: string,
  print: ((key: string) => void) | null,
): string | null {
  const file = join(dataDir, 'root-key')
  if (print === null) store(file, `${key}\n`)
  else {
    print(key)
    // The file may hold the key that this one replaces.
    rmSync(file, { force: true })
  }
  store(join(dataDir, 'root-key-hash'), `${hashSecret(key)}\n`)
  return print === null ? file : null
}

function store(file: string, text: string): void {
  try {
    replaceFile(file, text)
  } catch (error) {
    throw folderFailure('DATA_DIR', file, error)
  }
}

function readIfExists(file: string): string | null {
  try {
    return readTextFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw folderFailure('DATA_DIR', file, error)
  }
}
