/** Whose key it is. Unknown, revoked and expired keys are the same nobody. */
import type { Services } from '../../services.ts'
import { hashSecret, sameSecret } from '../secrets.ts'
import type { Key } from './key.ts'

/** The key with this secret; null for every other text. */
export async function findKey(services: Services, presented: string): Promise<Key | null> {
  const same = await sameSecret(presented, services.settings.rootApiKey)
  return same ? rootKey(services) : null
}

/** The key with this id as it is now, for who has proved before to hold it; null if it is no more. */
export async function currentKey(services: Services, id: string): Promise<Key | null> {
  return id === 'root' ? rootKey(services) : null
}

const rootKey = async ({ settings }: Services): Promise<Key> => ({
  id: 'root',
  name: 'ROOT_API_KEY',
  scopes: ['admin'],
  expiresAt: null,
  secretHash: await hashSecret(settings.rootApiKey),
})
