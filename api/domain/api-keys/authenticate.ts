/** Whose key it is. Unknown, revoked and expired keys are the same nobody. */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { ApiKeyRecord } from '../../model/api-key.ts'
import type { Call, Services } from '../../services.ts'
import { matchesHash, sameSecret } from '../secrets.ts'
import { type Key, keyOf } from './key.ts'

/** Least time between two writes of `last_used_at`. */
const RECORD_USE_EVERY_MS = 5 * MINUTE_MS

/** How a key is made: `mg_<id>_<secret>`. */
export const keyText = (id: string, secret: string) => `mg_${id}_${secret}`
const KEY_TEXT = /^mg_(key_[a-z2-7]{26})_([\w-]{43})$/

/** Reads a key by its id, and whatever else in the same round trip. */
export type KeyLookup = (id: string) => Promise<ApiKeyRecord | null>

/** What was presented: a key that is good, or the id of one that was (revoked or expired by now). */
export type Presented = { key: Key; ended: null } | { key: null; ended: string | null }

const nobody: Presented = { key: null, ended: null }

export async function findKey(
  services: Services,
  presented: string,
  lookUp: KeyLookup = services.store.apiKeys.read,
): Promise<Presented> {
  if (await sameSecret(presented, services.settings.rootApiKey)) {
    return { key: rootKey, ended: null }
  }
  const [, id, secret] = KEY_TEXT.exec(presented) ?? []
  if (id === undefined || secret === undefined) return nobody
  const record = await lookUp(id)
  const same = await matchesHash(secret, record?.secretHash)
  if (!same || !record) return nobody
  const key = keyOf(record, services.now())
  return key ? { key, ended: null } : { key: null, ended: record.id }
}

/** The key with this id as it is now, for who has proved before to hold it; null if it is no more. */
export async function currentKey(services: Services, id: string): Promise<Key | null> {
  if (id === 'root') return rootKey
  return keyOf(await services.store.apiKeys.read(id), services.now())
}

const rootKey: Key = {
  id: 'root',
  name: 'ROOT_API_KEY',
  scopes: ['admin'],
  accessScope: null,
  expiresAt: null,
  lastUsedAt: null,
  secretHash: null,
}

/** Goes on after the answer. Only a note for people: its failure costs the caller nothing. */
export function noteKeyUse(services: Services, { defer }: Pick<Call, 'defer'>, key: Key): void {
  const now = services.now()
  const since = new Date(now.getTime() - RECORD_USE_EVERY_MS)
  if (key.id === 'root' || (key.lastUsedAt && key.lastUsedAt > since)) return
  defer(services.store.apiKeys.recordUse(key.id, now, since).catch(() => {}))
}
