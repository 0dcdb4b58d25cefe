/** API keys other than ROOT_API_KEY. Only a sealed hash of the secret is stored. */
import type { Scope } from '../../schema/api-key.ts'
import type { Binding } from './sealing.ts'

export type ApiKeyRecord = NewApiKey & {
  lastUsedAt: Date | null
  revokedAt: Date | null
  /** Opens the hash of the secret. Returns null if it is damaged or from another row. Throws KeyMissing. */
  openBinding: () => Promise<Binding | null>
}

/** Rights of a key. Its secret is sealed for exactly these. */
export type KeyRights = Pick<NewApiKey, 'scopes' | 'mailAccountIds' | 'appOnly' | 'expiresAt'>

export type NewApiKey = {
  id: string
  name: string
  scopes: Scope[]
  /** Null when the key is not restricted to email accounts. */
  mailAccountIds: string[] | null
  /** Right to app-only tokens despite a restriction to mail accounts. */
  appOnly: boolean
  createdAt: Date
  /** Id of the key, or object id of the person, that created it. */
  createdBy: string
  /** Name of the person; null if a key created it. */
  createdByName: string | null
  expiresAt: Date | null
}
