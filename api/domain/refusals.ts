/**
 * Refused attempts in the audit trail: a key that is not allowed what it tried, and one that is used
 * after its end. What nobody can be named for is counted and logged only: strangers could fill the trail.
 */
import { HOUR_MS } from '../../schema/durations.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import type { Call, Services } from '../services.ts'
import { newEvent } from './events.ts'
import { idFrom } from './secrets.ts'

/** Once an hour for the same key, call and reason: a worker that is set up wrongly tries all day. */
export async function recordRefusal(
  services: Services,
  actor: Call['actor'],
  attempt: { method: string; route: string; code: ProblemCode },
): Promise<void> {
  const event = newEvent(services, { actor }, 'access.refused', actor.id, attempt)
  const hour = Math.floor(event.at.getTime() / HOUR_MS)
  const id = await idFrom('event', JSON.stringify([actor.id, attempt, hour]))
  await services.store.events.addOnce({ ...event, id })
}
