/** Making and listing audit events. */
import type { AuditEvent, EventQuery } from '../../schema/event.ts'
import type { Call, Services } from '../services.ts'
import type { EventRecord } from '../store/events.ts'
import { newId } from './secrets.ts'

/** An event of this call. `data` holds names, numbers and states, never a secret or a token. */
export const newEvent = (
  services: Pick<Services, 'now' | 'random'>,
  call: Pick<Call, 'actor'>,
  type: AuditEvent['type'],
  subject: string | null,
  data: AuditEvent['data'] = {},
): EventRecord => ({
  id: newId('event', services.random),
  type,
  at: services.now(),
  actor: call.actor,
  subject,
  data,
})

export async function listEvents(services: Services, query: EventQuery) {
  const page = await services.store.events.list(query)
  return {
    data: page.data.map((event): AuditEvent => ({ ...event, at: event.at.toISOString() })),
    next_cursor: page.nextCursor,
  }
}
