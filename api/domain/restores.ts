/**
 * What follows a restore: in an older database, sessions and links that have ended are open again, and keys that
 * were revoked are valid.
 */
import type { Call, Services } from '../services.ts'
import { newEvent } from './events.ts'

type RestoreServices = Pick<Services, 'store' | 'now' | 'random'>

/**
 * Ends all console sessions, open authorizations and links to admins. `reviewKeys`: which keys were revoked since
 * is unknown, so each one is listed until an admin confirms or revokes it; until then it works, since mail workers
 * depend on it.
 */
export async function endOpenAccess(
  services: RestoreServices,
  call: Call,
  { reviewKeys, copiedAt }: { reviewKeys: boolean; copiedAt: Date | null },
): Promise<void> {
  const event = newEvent(services, call, 'database.restored', null, {
    copied_at: copiedAt?.toISOString() ?? null,
    review_api_keys: reviewKeys,
  })
  await services.store.restores.endOpenAccess(services.now(), { reviewKeys }, event)
}

/** Revokes those of these keys that are valid in this database. */
export async function repeatRevocations(
  services: RestoreServices,
  call: Call,
  keyIds: readonly string[],
): Promise<void> {
  const { apiKeys } = services.store
  for (const { id, name } of await apiKeys.listUnrevoked(keyIds)) {
    const event = newEvent(services, call, 'api_key.revoked', id, { name })
    await apiKeys.revoke(id, services.now(), event)
  }
}
