/**
 * Refusals of the app itself: the registration or its tenant is at fault, not an account. When several
 * grants meet one within minutes, it is a problem of the integration: they cool down instead of being
 * blocked one by one, and one of them a minute shows whether it has passed. A single tenant may refuse the
 * app that works in all others, so it speaks for the integration only if no other tenant does.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { TokenState } from '../../model/failure.ts'
import type { GrantRecord } from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { isForManyTenants } from '../failures.ts'

/** Grants that must be refused for the same cause, and the time within which. */
const SEVERAL = 2
const WINDOW_MS = 10 * MINUTE_MS
/** Pause between two attempts of the grants that were refused. */
const PROBE_PAUSE_MS = MINUTE_MS

/**
 * Records that the grant was refused for this cause, a slug of the catalogue. Returns whether this is a
 * problem of the integration; false when D1 fails, so that the refusal counts for the grant alone.
 */
export async function recordAppRefusal(
  services: Services,
  call: Call,
  grant: GrantRecord,
  { tenant }: Pick<IntegrationRecord, 'tenant'>,
  { cause, detail }: { cause: string; detail: string },
): Promise<boolean> {
  const at = services.now()
  const text = `${detail} Microsoft refuses several mailboxes for this reason. They are retried automatically, first one every minute, then all.`
  try {
    return await services.store.integrations.markAppRefused(
      grant,
      cause,
      {
        at,
        since: new Date(at.getTime() - WINDOW_MS),
        grants: SEVERAL,
        manyTenants: isForManyTenants(tenant),
      },
      text,
      newEvent(services, call, 'integration.app_refused', 'microsoft', { detail: text }),
    )
  } catch {
    return false
  }
}

/** Closes the problem, with an event: a grant that was refused works, or none is left. */
export async function recordAppAcceptance(services: Services, call: Call): Promise<void> {
  const event = newEvent(services, call, 'integration.app_accepted', 'microsoft')
  await services.store.integrations.markAppAccepted(event)
}

/** Returns the end of the pause of a grant that was refused with others; null for all others. */
export const appPauseUntil = (
  { appRefusal }: Pick<TokenState, 'appRefusal'>,
  { appRefused }: Pick<IntegrationRecord, 'appRefused'>,
): Date | null =>
  appRefused && appRefusal !== null ? new Date(appRefused.at.getTime() + PROBE_PAUSE_MS) : null
