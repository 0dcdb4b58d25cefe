/** API keys other than ROOT_API_KEY. Only a hash of the secret is stored. */
import type { Scope } from '../../schema/api-key.ts'

export type ApiKeyRecord = {
  id: string
  name: string
  secretHash: string
  scopes: Scope[]
  /** Null when the key is not restricted to email accounts. */
  mailAccountIds: string[] | null
  /**
   * Right to app-only tokens despite a restriction to mail accounts. Null: the key was created by a version
   * without this right, and keeps it.
   */
  appOnly: boolean | null
  createdAt: Date
  /** Id of the key, or object id of the person, that created it. */
  createdBy: string
  /** Name of the person; null if a key created it. */
  createdByName: string | null
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}
