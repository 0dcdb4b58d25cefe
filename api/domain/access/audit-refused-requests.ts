/**
 * Refused requests in the audit trail, of keys that lack the right, have expired or were revoked. Requests without a
 * known key are only counted and logged, since strangers could fill the trail.
 */
import { HOUR_MS } from '../../../schema/durations.ts'
import type { ProblemCode } from '../../../schema/problem.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { deriveId } from '../secrets.ts'

/** Records a refusal once an hour per key, route and reason, since a misconfigured worker retries all day. */
export async function recordRefusal(
  services: Services,
  actor: Call['actor'],
  attempt: { method: string; route: string; code: ProblemCode },
): Promise<void> {
  const event = newEvent(services, { actor }, 'access.refused', actor.id, attempt)
  const hour = Math.floor(event.at.getTime() / HOUR_MS)
  const id = deriveId('event', JSON.stringify([actor.id, attempt, hour]))
  await services.store.events.addOnce({ ...event, id })
}
