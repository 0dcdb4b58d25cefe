/** Authentication by API key. Callers see no difference between unknown, revoked and expired keys. */
import { DAY_MS, MINUTE_MS } from '../../../schema/durations.ts'
import { matchesHash } from '../../hash.ts'
import { type ApiKeyRecord, UNLIMITED } from '../../model/access.ts'
import { bindingOf } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { deriveId } from '../secrets.ts'
import { type Key, keyOf } from './key.ts'

/** Minimum time between two writes of `last_used_at`. */
const RECORD_USE_EVERY_MS = 5 * MINUTE_MS

export const formatKey = (id: string, secret: string) => `mg_${id}_${secret}`
const KEY_FORMAT = /^mg_(key_[a-z2-7]{26})_([\w-]{43})$/

/** Reads a key by its id, together with anything else that fits into the round trip. */
export type KeyLookup = (id: string) => Promise<ApiKeyRecord | null>

/** A valid key, or the id of one that has ended. */
export type FoundKey = { key: Key; ended: null } | { key: null; ended: string | null }

const notFound: FoundKey = { key: null, ended: null }

/** Finds a valid key. Throws KeyMissing if ENCRYPTION_KEYS lacks the one that sealed its hash. */
export async function findKey(
  services: Services,
  presented: string,
  lookUp: KeyLookup = services.store.apiKeys.read,
): Promise<FoundKey> {
  const [, id, secret = ''] = KEY_FORMAT.exec(presented) ?? []
  const record = id === undefined ? null : await lookUp(id)
  // Revoked keys are not re-encrypted, so their encryption key may be gone.
  const binding = record && (await (record.revokedAt ? bindingOf(record) : record.openBinding()))
  if (!record || !matchesHash(secret, binding?.secretHash)) {
    // Checked second, since a hash takes time and few callers use the root key.
    const isRoot = matchesHash(presented, services.settings.rootKeyHash)
    return isRoot ? { key: rootKey, ended: null } : notFound
  }
  const key = keyOf(record, binding, services.now())
  return key ? { key, ended: null } : { key: null, ended: record.id }
}

export const rootKey: Key = {
  id: 'root',
  name: 'ROOT_API_KEY',
  scopes: ['admin'],
  accessScope: UNLIMITED,
  appOnly: true,
  expiresAt: null,
  lastUsedAt: null,
  reductions: 0,
}

/**
 * Returns the text to hash for a secret that a key has issued. For ROOT_API_KEY it contains the key's hash, so that
 * replacing the key ends the access that the previous one has given. The secret is random, so a weak root key cannot be
 * searched for.
 */
export const boundToRootKey = (
  { settings }: Pick<Services, 'settings'>,
  keyId: string | undefined,
  secret: string,
): string => (keyId === rootKey.id ? `${secret}.${settings.rootKeyHash}` : secret)

/** Day and address of the last event that each store has recorded, so that most requests write nothing. */
const lastRootKeyUse = new WeakMap<Services['store'], string>()

/**
 * Records the use of ROOT_API_KEY, after the response: an event a day for each address, which shows a leak. An event
 * for each request would fill the audit trail. Best effort: a failure must not fail the request.
 */
export function recordRootKeyUse(
  services: Services,
  { defer }: Pick<Call, 'defer'>,
  address: string,
): void {
  const { store } = services
  const day = Math.floor(services.now().getTime() / DAY_MS)
  const use = `${day} ${address}`
  // First, since random and derived ids took a seventh of the CPU time of issuing a stored token.
  if (lastRootKeyUse.get(store) === use) return
  const actor = { type: 'key', id: rootKey.id } as const
  const event = newEvent(services, { actor }, 'root_key.used', rootKey.id, { address })
  const id = deriveId('event', JSON.stringify([event.type, address, day]))
  const recorded = store.events.addOnce({ ...event, id }).then(() => lastRootKeyUse.set(store, use))
  defer(recorded.catch(() => {}))
}

/** Records the use, after the response. Best effort: a failure must not fail the request. */
export function recordKeyUse(services: Services, { defer }: Pick<Call, 'defer'>, key: Key): void {
  const now = services.now()
  const since = new Date(now.getTime() - RECORD_USE_EVERY_MS)
  if (key.id === 'root' || (key.lastUsedAt && key.lastUsedAt > since)) return
  defer(services.store.apiKeys.recordUse(key.id, now, since).catch(() => {}))
}
