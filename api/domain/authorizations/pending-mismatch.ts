/**
 * The tokens of an unexpected account while the person decides. They travel in a form field, sealed
 * for one authorization with an expiry of their own, so that those of a discarded sign-in are never
 * stored.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { NewGrant } from '../../model/grant.ts'
import { SealBroken } from '../../model/storage.ts'
import type { Services } from '../../services.ts'

/** Time to decide between keep and discard. */
export const DECISION_TIME_MS = 10 * MINUTE_MS

type PendingMismatch = { until: number; grant: NewGrant; accessTokenExpiresAt: number }

const sealContext = (row: string) => ({ table: 'authorizations', row, column: 'undecided' })

export function sealPendingMismatch(
  services: Services,
  id: string,
  grant: NewGrant,
  until: Date,
): Promise<string> {
  const undecided: PendingMismatch = {
    until: until.getTime(),
    grant,
    accessTokenExpiresAt: grant.tokens.accessTokenExpiresAt.getTime(),
  }
  return services.store.sealer.seal(JSON.stringify(undecided), sealContext(id))
}

/** Returns null for a value that has expired or was not sealed for this authorization. Throws KeyMissing. */
export async function openPendingMismatch(
  services: Services,
  id: string,
  sealed: string,
): Promise<NewGrant | null> {
  try {
    // The seal authenticates its content, so the type is certain.
    const text = await services.store.sealer.open(sealed, sealContext(id))
    const { until, grant, accessTokenExpiresAt } = JSON.parse(text) as PendingMismatch
    if (until <= services.now().getTime()) return null
    const tokens = { ...grant.tokens, accessTokenExpiresAt: new Date(accessTokenExpiresAt) }
    return { ...grant, tokens }
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}
