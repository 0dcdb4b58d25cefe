/** Webhooks: endpoints notified when action is needed, following Standard Webhooks. */
import { z } from 'zod'
import {
  DeliveryId,
  flag,
  integer,
  ListQuery,
  listOf,
  MailAccountId,
  object,
  optionalText,
  replacementOf,
  strictObject,
  text,
  textOrNull,
  time,
  timeOrNull,
  WebhookId,
} from './common.ts'
import { Customer } from './customer.ts'
import { messages, messageTypes, webhookEvents } from './events.ts'
import { PlainAddress } from './plain-address.ts'

/** Events sent to webhooks, once per change of state, not once per failed attempt. */
export const WebhookEvent = z.enum(webhookEvents).meta({
  id: 'WebhookEvent',
  'x-extensible': true,
  description:
    'A change of state, notified once. `validation.failed` covers saved email accounts only, and `validation.passed` those that failed before.',
  example: 'grant.reconnect_required',
})
export type WebhookEvent = z.infer<typeof WebhookEvent>

/** Types of messages: those of the events, and tests. */
export const WebhookMessageType = z.enum(messageTypes).meta({
  id: 'WebhookMessageType',
  'x-extensible': true,
  description: 'Type of the message.',
  example: 'grant.reconnect_required',
})
export type WebhookMessageType = z.infer<typeof WebhookMessageType>

export const WebhookType = z.enum(['standard', 'slack', 'teams', 'email']).meta({
  id: 'WebhookType',
  'x-extensible': true,
  description:
    '`standard`: Standard Webhooks to your own endpoint. `slack`, `teams` and `email` send messages for people, at most one a minute, which combines events.',
  example: 'standard',
})
export type WebhookType = z.infer<typeof WebhookType>

const FOR_PROGRAMS = webhookEvents
  .filter((type) => messages[type].forPrograms)
  .map((type) => `\`${type}\``)
  .join(', ')

export const WebhookInput = strictObject('WebhookInput', {
  customer: Customer.optional().meta({
    description:
      'The customer whose events the webhook receives; null for those of all. Default: that of the key. Fixed when the webhook is created. A customer can have 10, with https, the default port and a public host name; `email` sends only through an account of the customer.',
    example: null,
  }),
  type: WebhookType.optional().meta({
    description: 'Kind of the endpoint. Default: `standard`. It cannot be changed later.',
  }),
  url: z.string().trim().max(2000).optional().meta({
    description:
      'Endpoint URL: https on the default port with a public host name. On your own server, a host in WEBHOOK_PRIVATE_HOSTS may also be private, and use http and any port. Required for `standard`. For `slack`, the URL of an incoming webhook; for `teams`, that of a workflow that starts when a webhook request is received. Their URLs are credentials, so they are never returned, and a `PUT` without one keeps it. Not for `email`.',
    example: 'https://helpdesk.example.com/hooks/mailgrant',
  }),
  to: PlainAddress.nullish().meta({
    description: 'Recipient of the messages. For `email` only, and required there.',
    example: 'it@contoso.com',
  }),
  mail_account_id: MailAccountId.nullish().meta({
    description:
      'The saved account that sends the messages, over SMTP or through Microsoft Graph. For `email` only, and required there.',
  }),
  description: z.string().trim().min(1).max(200).nullish().meta({
    description: 'Description of your choice.',
    example: 'Help desk',
  }),
  events: z
    .array(WebhookEvent)
    .min(1)
    .refine((list) => new Set(list).size === list.length, 'must not contain duplicates')
    .optional()
    .meta({
      description: `Events to send. Default: all; for \`slack\`, \`teams\` and \`email\` all but ${FOR_PROGRAMS}. A customer's webhook must not include \`integration.*\`, which no customer is notified of.`,
    }),
  enabled: z.boolean().default(true).meta({
    description:
      'While false, only redeliveries and tests are sent. Pending messages become `failed` and can be redelivered, and events in the meantime are not sent later.',
  }),
})
export type WebhookInput = z.infer<typeof WebhookInput>

export const Webhook = object('Webhook', {
  id: WebhookId.meta({ description: 'Id of the webhook.' }),
  customer: Customer,
  type: WebhookType,
  url: text(
    'Endpoint URL. For `slack` and `teams` only its host and last four characters; for `email` a `mailto:` URL.',
    'https://helpdesk.example.com/hooks/mailgrant',
  ),
  to: textOrNull('Recipient of the messages; null unless `type` is `email`.', null),
  mail_account_id: MailAccountId.nullable().meta({
    description: 'The account that sends the messages; null unless `type` is `email`.',
    example: null,
  }),
  description: textOrNull('Description of your choice.', 'Help desk'),
  events: z.array(WebhookEvent).meta({ description: 'Events sent to it.' }),
  enabled: flag(
    'While false, only redeliveries and tests are sent. A webhook is disabled if its endpoint responds with 410; for `slack` and `teams` also with 404.',
    true,
  ),
  paused_until: timeOrNull(
    'End of a pause, or null. The endpoint asked for it with `Retry-After`, or keeps failing; in the second case, tests and redeliveries are still sent.',
  ),
  warnings: z.array(z.string()).meta({
    description: 'What this webhook cannot report, or why it cannot send. Usually empty.',
    example: [],
  }),
  created_at: time('When the webhook was created.'),
  updated_at: time('When the webhook was last changed.'),
})
export type Webhook = z.infer<typeof Webhook>

export const WebhookReplacement = replacementOf(WebhookInput, Webhook, 'WebhookReplacement')

export const WebhookWithSecret = Webhook.extend({
  secret: optionalText(
    'Secret for verifying the signature of every message. Returned once. Absent from a response replayed for an `Idempotency-Key`, and for types other than `standard`.',
    'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  ),
  previous_secret_expires_at: timeOrNull(
    'Until then, messages are also signed with the previous secret.',
  ),
}).meta({ id: 'WebhookWithSecret' })
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>
/** The response that creates a webhook of type `standard`, which includes the secret. */
export type SignedWebhook = WebhookWithSecret & { secret: string }

export const WebhookList = listOf(Webhook, 'WebhookList')

export const DeliveryStatus = z.enum(['pending', 'delivered', 'failed']).meta({
  id: 'DeliveryStatus',
  description:
    '`pending`: waiting for its first or next attempt. `failed`: given up; it can be redelivered.',
})
export type DeliveryStatus = z.infer<typeof DeliveryStatus>

export const WebhookDelivery = object('WebhookDelivery', {
  id: DeliveryId.meta({ description: 'The `webhook-id` of the message.' }),
  type: WebhookMessageType,
  event_id: text('Id of the audit event behind the message.', 'ev_mwiq4wgd7u5x2l3k7777777777'),
  status: DeliveryStatus,
  attempts: integer('Number of delivery attempts. Faults inside Mailgrant are not counted.', 1),
  next_attempt_at: timeOrNull('When the next attempt is due; null once delivered or given up.'),
  last_attempt_at: timeOrNull('When the last attempt was made.'),
  last_status: z.int().nullable().meta({
    description: "HTTP status of the endpoint's last response.",
  }),
  last_error: textOrNull('Why the last attempt failed, or why none was made.'),
  payload: z.string().meta({
    description:
      'The body, byte for byte as signed. For `slack`, `teams` and `email`: the event that the text of the message describes.',
    contentMediaType: 'application/json',
    contentSchema: { $ref: '#/components/schemas/WebhookMessage' },
    example:
      '{"type":"grant.recovered","timestamp":"2026-11-24T09:30:00.000Z","data":{"event_id":"ev_mwiq4wgd7u5x2l3k7777777777","subject":"gr_mwiq4wgd7u5x2l3k7777777777","mail_accounts":["ma_mwiq4wgd7u5x2l3k7777777777"]}}',
  }),
  created_at: time('When the message was created.'),
})
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

export const WebhookDeliveryList = listOf(WebhookDelivery, 'WebhookDeliveryList')

export const WebhookDeliveryQuery = ListQuery.extend({
  status: DeliveryStatus.optional().meta({
    description: 'Only messages with this status.',
    example: 'failed',
  }),
})
export type WebhookDeliveryQuery = z.infer<typeof WebhookDeliveryQuery>
