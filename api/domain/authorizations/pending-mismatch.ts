/**
 * What another account's sign-in left, while the person decides: sealed for this authorization, with
 * its own end, in a form field. So tokens of a discarded sign-in are never stored anywhere.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { NewGrant } from '../../model/grant.ts'
import { SealBroken } from '../../model/sealing.ts'
import type { Services } from '../../services.ts'

/** To say keep or discard, milliseconds. */
export const DECISION_TIME_MS = 10 * MINUTE_MS

type PendingMismatch = { until: number; grant: NewGrant; accessTokenExpiresAt: number }

const context = (row: string) => ({ table: 'authorizations', row, column: 'undecided' })

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
  return services.store.sealer.seal(JSON.stringify(undecided), context(id))
}

/** Null when it was not made for this authorization, or its time is over. Throws KeyMissing. */
export async function openPendingMismatch(
  services: Services,
  id: string,
  sealed: string,
): Promise<NewGrant | null> {
  try {
    // Authenticated: what opens here was written by sealPendingMismatch.
    const text = await services.store.sealer.open(sealed, context(id))
    const { until, grant, accessTokenExpiresAt } = JSON.parse(text) as PendingMismatch
    if (until <= services.now().getTime()) return null
    const tokens = { ...grant.tokens, accessTokenExpiresAt: new Date(accessTokenExpiresAt) }
    return { ...grant, tokens }
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}
