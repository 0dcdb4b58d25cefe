/** Making and listing audit events. */
import type { AuditEvent, EventQuery } from '../../schema/event.ts'
import type { Call, Services } from '../services.ts'
import { type EventRecord, isTold } from '../store/events.ts'
import type { GrantRecord } from '../store/grant-record.ts'
import { newId } from './secrets.ts'

/**
 * An event of this call. `data` holds names, numbers and states, never a secret or a token. `quiet`
 * keeps it from the webhooks: what is nothing new for whoever listens there.
 */
export function newEvent(
  services: Pick<Services, 'now' | 'random'>,
  call: Pick<Call, 'actor' | 'announce'>,
  type: AuditEvent['type'],
  subject: string | null,
  data: AuditEvent['data'] = {},
  { quiet = endsUntold(type, data) }: { quiet?: boolean } = {},
): EventRecord {
  const at = services.now()
  const event = { id: newId('event', services.random), type, at, actor: call.actor, subject, data }
  if (isTold({ type, quiet })) call.announce?.()
  return quiet ? { ...event, quiet } : event
}

/** Of a person's grant: its id alone does not tell an operator whose it is. */
export const newGrantEvent = (
  services: Pick<Services, 'now' | 'random'>,
  call: Pick<Call, 'actor' | 'announce'>,
  type: AuditEvent['type'],
  { id, signedInAs }: Pick<GrantRecord, 'id' | 'signedInAs'>,
  data: AuditEvent['data'],
): EventRecord => newEvent(services, call, type, id, { signed_in_as: signedInAs, ...data })

/** A pause of Microsoft's passes by itself and nobody was told of it: so nobody is told of its end. */
const endsUntold = (type: AuditEvent['type'], data: AuditEvent['data']) =>
  type === 'grant.recovered' && data.from === 'cooling_down'

export async function listEvents(services: Services, query: EventQuery) {
  const page = await services.store.events.list(query)
  return {
    data: page.data.map((event): AuditEvent => ({ ...event, at: event.at.toISOString() })),
    next_cursor: page.nextCursor,
  }
}
