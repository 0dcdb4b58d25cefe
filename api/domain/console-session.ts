/**
 * Sessions of the console. Whoever signs in with a key gets a random id in its place, good for eight
 * hours and never longer than the key: a session is checked against the key as it is now.
 */
import type { ConsoleSession } from '../../schema/console-session.ts'
import type { Services } from '../services.ts'
import { currentKey } from './api-keys/authenticate.ts'
import type { Key } from './api-keys/key.ts'
import { newEvent } from './events.ts'
import { hashSecret, matchesHash, newSecret } from './secrets.ts'

/** Seconds. */
export const SESSION_LIFETIME_S = 8 * 3600

export type OpenSession = { key: Key; expiresAt: Date }

/** `id` goes into the cookie and is stored nowhere. */
export async function openSession(
  services: Services,
  key: Key,
): Promise<OpenSession & { id: string }> {
  const now = services.now()
  const end = new Date(now.getTime() + SESSION_LIFETIME_S * 1000)
  const expiresAt = key.expiresAt && key.expiresAt < end ? key.expiresAt : end
  const id = newSecret(services.random)
  const idHash = await hashSecret(id)
  const keyHash = await hashSecret(bond(services, id, key))
  const actor = { type: 'key', id: key.id } as const
  const event = newEvent(services, { actor }, 'console_session.opened', key.id)
  await services.store.consoleSessions.add(
    { idHash, keyId: key.id, keyHash, expiresAt },
    now,
    event,
  )
  return { id, key, expiresAt }
}

/** Null once it has expired, was closed, or its key is not the one any more that signed in. */
export async function readSession(services: Services, id: string): Promise<OpenSession | null> {
  const session = await services.store.consoleSessions.read(await hashSecret(id), services.now())
  if (!session) return null
  const key = await currentKey(services, session.keyId)
  if (!key || !(await matchesHash(bond(services, id, key), session.keyHash))) return null
  return { key, expiresAt: session.expiresAt }
}

/** May be repeated. */
export async function closeSession(services: Services, id: string): Promise<void> {
  const { consoleSessions } = services.store
  const idHash = await hashSecret(id)
  const session = await consoleSessions.read(idHash, services.now())
  if (!session) return
  const actor = { type: 'key', id: session.keyId } as const
  const event = newEvent(services, { actor }, 'console_session.closed', session.keyId)
  await consoleSessions.remove(idHash, event)
}

/**
 * Of the key as it was. The id in it is random and not stored, so that from the hash that is stored
 * nobody can search for a weak root key.
 */
const bond = ({ settings }: Services, id: string, key: Key) =>
  `${id}.${key.secretHash ?? settings.rootApiKey}`

export const sessionView = ({ key, expiresAt }: OpenSession): ConsoleSession => ({
  key: { id: key.id, name: key.name, scopes: [...key.scopes] },
  expires_at: expiresAt.toISOString(),
})
