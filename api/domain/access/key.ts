/** A valid API key, from a request or behind a session, and the coverage of its scopes. */
import type { Scope } from '../../../schema/api-key.ts'
import { type AccessScope, type ApiKeyRecord, UNLIMITED } from '../../model/access.ts'
import type { Binding } from '../../model/storage.ts'

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

/**
 * Returns null for a key that was revoked, has expired, was made before ACCESS_EPOCH changed, or whose rights Mailgrant
 * did not write.
 */
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
