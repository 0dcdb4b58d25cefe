/** Authentication by API key. Callers see no difference between unknown, revoked and expired keys. */
import type { Scope } from '../../../schema/api-key.ts'
import { DAY_MS, MINUTE_MS } from '../../../schema/durations.ts'
import { matchesHash } from '../../hash.ts'
import { type AccessScope, type ApiKeyRecord, UNLIMITED } from '../../model/access.ts'
import { type Binding, bindingOf } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { deriveId } from '../secrets.ts'

/** Minimum time between two writes of `last_used_at`. */
const RECORD_USE_EVERY_MS = 5 * MINUTE_MS

export const formatKey = (id: string, secret: string) => `mg_${id}_${secret}`
const KEY_FORMAT = /^mg_(key_[a-z2-7]{26})_([\w-]{43})$/

/** A read of a key by its ID. The caller can read more in the same round trip. */
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

/** Records the use of ROOT_API_KEY after the response, best effort: an event a day for each address shows a leak. */
export function recordRootKeyUse(
  services: Services,
  { defer }: Pick<Call, 'defer'>,
  address: string,
): void {
  const { store } = services
  const day = Math.floor(services.now().getTime() / DAY_MS)
  const use = `${day} ${address}`
  // Checked before the event is made, which took a seventh of the CPU time of issuing a stored token.
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

export type Key = {
  /** `root` for ROOT_API_KEY. */
  id: string
  name: string
  scopes: readonly Scope[]
  accessScope: AccessScope
  /** True if the key may use app-only tokens: with `admin`, or because it was created with `app_only`. */
  appOnly: boolean
  expiresAt: Date | null
  lastUsedAt: Date | null
  /** Number of changes that took rights away. */
  reductions: number
}

/** Scopes that each scope includes. `tokens` includes neither reading nor writing. */
const INCLUDED_SCOPES: Record<Scope, readonly Scope[]> = {
  read: ['read'],
  write: ['read', 'write'],
  tokens: ['tokens'],
  admin: ['read', 'write', 'tokens', 'admin'],
}

export const mayDo = (key: Pick<Key, 'scopes'>, scope: Scope): boolean =>
  key.scopes.some((granted) => INCLUDED_SCOPES[granted].includes(scope))

export const hasExpired = ({ expiresAt }: Pick<ApiKeyRecord, 'expiresAt'>, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now

/** Returns null if the key has ended, predates a change of ACCESS_EPOCH, or has rights that Mailgrant didn't write. */
export function keyOf(record: ApiKeyRecord, binding: Binding | null, now: Date): Key | null {
  if (record.revokedAt !== null || hasExpired(record, now) || !binding?.isIntact) return null
  const { id, mailAccountIds, customer, appOnly } = record
  const accessScope: AccessScope = mailAccountIds
    ? { kind: 'mail_accounts', keyId: id, mailAccountIds, appOnly }
    : customer !== null
      ? { kind: 'customer', customer, appOnly, isFilter: false }
      : UNLIMITED
  return { ...record, accessScope, appOnly: appOnly || record.scopes.includes('admin') }
}

/** Opens the key behind a session or a link. Returns null if there is none or it has ended. Throws KeyMissing. */
export const openKey = async (record: ApiKeyRecord | null, now: Date): Promise<Key | null> =>
  record && keyOf(record, await record.openBinding(), now)
