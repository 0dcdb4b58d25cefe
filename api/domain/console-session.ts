/**
 * Sessions of the console. Signing in exchanges an API key for a random id, valid for eight hours and
 * never longer than the key: each request checks the session against the current key.
 */
import type { ConsoleSession } from '../../schema/console-session.ts'
import { hashSecret, matchesHash } from '../hash.ts'
import type { Services } from '../services.ts'
import { currentKey } from './api-keys/authenticate.ts'
import type { Key } from './api-keys/key.ts'
import { newEvent } from './events.ts'
import { newSecret } from './secrets.ts'

export const SESSION_LIFETIME_S = 8 * 3600

export type OpenSession = { key: Key; expiresAt: Date }

/** Opens a session. Only a hash of `id`, the value of the cookie, is stored. */
export async function openSession(
  services: Services,
  key: Key,
): Promise<OpenSession & { id: string }> {
  const now = services.now()
  const end = new Date(now.getTime() + SESSION_LIFETIME_S * 1000)
  const expiresAt = key.expiresAt && key.expiresAt < end ? key.expiresAt : end
  const id = newSecret(services.random)
  const idHash = hashSecret(id)
  const keyHash = hashSecret(keyBinding(services, id, key))
  const actor = { type: 'key', id: key.id } as const
  const event = newEvent(services, { actor }, 'console_session.opened', key.id)
  await services.store.consoleSessions.add(
    { idHash, keyId: key.id, keyHash, expiresAt },
    now,
    event,
  )
  return { id, key, expiresAt }
}

/** Returns null once the session has expired or was closed, or its key is no longer valid. */
export async function readSession(services: Services, id: string): Promise<OpenSession | null> {
  const session = await services.store.consoleSessions.read(hashSecret(id), services.now())
  if (!session) return null
  const key = await currentKey(services, session.keyId)
  if (!key || !matchesHash(keyBinding(services, id, key), session.keyHash)) return null
  return { key, expiresAt: session.expiresAt }
}

/** Closes a session. Idempotent. */
export async function closeSession(services: Services, id: string): Promise<void> {
  const { consoleSessions } = services.store
  const idHash = hashSecret(id)
  const session = await consoleSessions.read(idHash, services.now())
  if (!session) return
  const actor = { type: 'key', id: session.keyId } as const
  const event = newEvent(services, { actor }, 'console_session.closed', session.keyId)
  await consoleSessions.remove(idHash, event)
}

/**
 * Binds a session to the key that opened it. The random id, which is not stored, keeps the stored hash
 * from revealing a weak root key to a search.
 */
const keyBinding = ({ settings }: Services, id: string, key: Key) =>
  `${id}.${key.secretHash ?? settings.rootKeyHash}`

export const sessionView = ({ key, expiresAt }: OpenSession): ConsoleSession => ({
  key: { id: key.id, name: key.name, scopes: [...key.scopes] },
  expires_at: expiresAt.toISOString(),
})
