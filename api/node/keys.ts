/** The keys in DATA_DIR, made by the first start: the encryption keys and the hash of the root key. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type KeyRing, KeyRingSetting } from '../../schema/settings.ts'
import { hashSecret } from '../hash.ts'

const Keys = z.object({ encryption_keys: z.string(), root_key_hash: z.string() })

export type Keys = {
  encryptionKeys: KeyRing
  rootKeyHash: string
  /** The root key, if this start made it: only its hash is stored. */
  newRootKey: string | null
}

/** Returns the keys of DATA_DIR. Makes them if there are none. */
export function loadKeys(dataDir: string): Keys {
  const file = join(dataDir, 'keys.json')
  if (existsSync(file)) {
    const stored = Keys.parse(JSON.parse(readFileSync(file, 'utf8')))
    return {
      encryptionKeys: KeyRingSetting.parse(stored.encryption_keys),
      rootKeyHash: stored.root_key_hash,
      newRootKey: null,
    }
  }
  const rootKey = `mg_root_${randomBytes(32).toString('base64url')}`
  const month = new Date().toISOString().slice(0, 7)
  const keys = {
    encryption_keys: `${month}:${randomBytes(32).toString('base64')}`,
    root_key_hash: hashSecret(rootKey),
  }
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  return {
    encryptionKeys: KeyRingSetting.parse(keys.encryption_keys),
    rootKeyHash: keys.root_key_hash,
    newRootKey: rootKey,
  }
}
