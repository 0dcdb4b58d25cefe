/** Audit events: creating and listing them, and recording refused requests. */
import { HOUR_MS } from '../../schema/durations.ts'
import type { AuditEvent, EventQuery } from '../../schema/event.ts'
import type { EventSubject } from '../../schema/events.ts'
import type { ProblemCode } from '../../schema/problem.ts'
import { isLimited } from '../model/access.ts'
import { type EventRecord, notifiesWebhooks } from '../model/event.ts'
import type { GrantRecord } from '../model/grant.ts'
import { listPage } from '../model/storage.ts'
import type { Call, Services } from '../services.ts'
import { deriveId, newId } from './secrets.ts'

/**
 * Creates an event of this call. `data` holds names, numbers and states, never a secret or a token.
 * `silent` notifies no webhook, for an event that contains no news for a receiver.
 */
export function newEvent<Type extends AuditEvent['type']>(
  services: Pick<Services, 'now' | 'random'>,
  call: Pick<Call, 'actor' | 'notify'>,
  type: Type,
  subject: EventSubject<Type, EventRecord['customer']>,
  data: AuditEvent['data'] = {},
  { silent = endsSilently(type, data) }: { silent?: boolean } = {},
): EventRecord {
  const at = services.now()
  const about: { id: string | null; customer: EventRecord['customer'] } =
    typeof subject === 'object' && subject !== null
      ? subject
      : { id: subject as string | null, customer: null }
  const event = {
    id: newId('event', services.random),
    type,
    at,
    actor: call.actor,
    customer: about.customer,
    subject: about.id,
    data,
  }
  if (notifiesWebhooks({ type, silent })) call.notify?.()
  return silent ? { ...event, silent } : event
}

/** Creates an event of a grant, with the account that signed in, which its id does not show. */
export const newGrantEvent = (
  services: Pick<Services, 'now' | 'random'>,
  call: Pick<Call, 'actor' | 'notify'>,
  type: Extract<AuditEvent['type'], `grant.${string}`>,
  { id, customer, signedInAs }: Pick<GrantRecord, 'id' | 'customer' | 'signedInAs'>,
  data: AuditEvent['data'],
): EventRecord =>
  newEvent(services, call, type, { id, customer }, { signed_in_as: signedInAs, ...data })

/** Returns true for the end of a cool-down, since webhooks were not notified of its start either. */
const endsSilently = (type: AuditEvent['type'], data: AuditEvent['data']) =>
  type === 'grant.recovered' && data.from === 'cooling_down'

const OPERATOR = { type: 'operator', id: null } as const

/** Lists events. A key with a customer sees no actor but the keys of that customer. */
export async function listEvents(services: Services, { accessScope }: Call, query: EventQuery) {
  const page = await services.store.events.list(query, accessScope)
  const hides = isLimited(accessScope)
  return listPage(
    page,
    ({ isOwnKey, ...event }): AuditEvent => ({
      ...event,
      at: event.at.toISOString(),
      actor: hides && !isOwnKey ? OPERATOR : event.actor,
    }),
  )
}

/**
 * Records that a key was refused because it lacks the right, has expired or was revoked. Requests without a known key
 * are only counted and logged, since strangers could fill the trail. Records a refusal once an hour per key, route and
 * reason, since a misconfigured worker retries all day.
 */
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
