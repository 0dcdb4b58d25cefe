/** The audit trail: who did what, never a secret. */
import { z } from 'zod'
import { ListQuery, listOf, Time } from './common.ts'

export const EventType = z.enum([
  'integration.activated',
  'integration.deactivated',
  'integration.settings_changed',
  'integration.credential_rejected',
  'admin_consent.created',
  'admin_consent.completed',
  'admin_consent.refused',
  'authorization.created',
  'authorization.completed',
  'authorization.failed',
  'authorization.discarded',
  'grant.cooling_down',
  'grant.reconnect_required',
  'grant.blocked',
  'grant.recovered',
  'grant.deleted',
  'mail_account.created',
  'mail_account.updated',
  'mail_account.deleted',
  'validation.passed',
  'validation.failed',
  'validation.inconclusive',
])
export type EventType = z.infer<typeof EventType>

export const Actor = z.object({
  type: z.enum(['key', 'browser', 'system']).meta({
    description: 'An API key, the person at the sign-in page, or Mailgrant itself.',
  }),
  id: z.string().nullable(),
})
export type Actor = z.infer<typeof Actor>

export const AuditEvent = z
  .object({
    id: z.string(),
    type: EventType,
    at: Time,
    actor: Actor,
    subject: z.string().nullable().meta({ description: 'The id of what it is about.' }),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'Event' })
export type AuditEvent = z.infer<typeof AuditEvent>

export const EventList = listOf(AuditEvent, 'EventList')

export const EventQuery = ListQuery.extend({
  type: EventType.optional(),
  subject: z.string().max(100).optional(),
})
export type EventQuery = z.infer<typeof EventQuery>
