/** The audit trail: who did what, never a secret. */
import { z } from 'zod'
import {
  Address,
  ListQuery,
  listOf,
  object,
  optionalText,
  Time,
  text,
  textOrNull,
  time,
} from './common.ts'
import { Customer, CustomerFilter } from './customer.ts'
import { eventTypes } from './events.ts'

export const EventType = z.enum(eventTypes).meta({
  id: 'EventType',
  description: 'Type of the event.',
  example: 'mail_account.created',
  'x-extensible': true,
})
export type EventType = z.infer<typeof EventType>

export const Actor = z
  .object({
    type: z.enum(['key', 'person', 'browser', 'system', 'operator']).meta({
      description:
        '`key`: an API key. `person`: a person signed in to the console with Microsoft. `browser`: the user at a sign-in page. `system`: Mailgrant. `operator`: for a key with a customer, every actor that is no key of that customer.',
    }),
    id: textOrNull(
      'Id of the key, or `root` for `ROOT_API_KEY`; object id of the person. Null for other actors.',
      'root',
    ),
    name: optionalText('Name of the person. Absent for other actors.', 'Ada Admin'),
  })
  .meta({ id: 'Actor', description: 'Who caused it.' })
export type Actor = z.infer<typeof Actor>

export const AuditEvent = object('Event', {
  id: text('Id of the event (ev_...).', 'ev_mwiq4wgd7u5x2l3k7777777777'),
  type: EventType,
  at: time('When it happened.'),
  actor: Actor,
  customer: Customer,
  subject: textOrNull(
    'Id of the resource it is about. For `grant.*` events of app-only access: the tenant.',
    'ma_mwiq4wgd7u5x2l3k7777777777',
  ),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).meta({
    description: 'Details that depend on the type: names, numbers and states.',
    example: { protocol: 'imap', username: 'support@contoso.com', owner: 'other inbox-7' },
  }),
})
export type AuditEvent = z.infer<typeof AuditEvent>

export const EventList = listOf(AuditEvent, 'EventList')

export const EventQuery = ListQuery.extend({
  customer: CustomerFilter,
  type: EventType.optional().meta({ description: 'Only events of this type.' }),
  subject: z.string().max(100).optional().meta({
    description: 'Only events about the resource with this id.',
    example: 'ma_mwiq4wgd7u5x2l3k7777777777',
  }),
  username: Address.optional().meta({
    description:
      'Only events about this mailbox: its email accounts, sign-ins, links, validations and test messages, also after it was deleted. The whole address.',
  }),
  before: Time.optional().meta({ description: 'Only events before this time.' }),
})
export type EventQuery = z.infer<typeof EventQuery>
