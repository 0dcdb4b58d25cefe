/** A key that was presented or stands behind a session, and what its scopes cover. */
import type { Scope } from '../../../schema/api-key.ts'

export type Key = {
  /** `root` for ROOT_API_KEY. */
  id: string
  name: string
  scopes: readonly Scope[]
  expiresAt: Date | null
  /** SHA-256 of its secret, base64url: another secret under the same id is another key. */
  secretHash: string
}

/** What a key with this scope covers. `tokens` includes neither reading nor writing. */
const covers: Record<Scope, readonly Scope[]> = {
  read: ['read'],
  write: ['read', 'write'],
  tokens: ['tokens'],
  admin: ['read', 'write', 'tokens', 'admin'],
}

export const mayDo = (key: Pick<Key, 'scopes'>, scope: Scope): boolean =>
  key.scopes.some((held) => covers[held].includes(scope))
