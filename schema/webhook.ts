/** Webhooks: endpoints notified when action is needed, following Standard Webhooks. */
import { z } from 'zod'
import { DeliveryId, ListQuery, listOf, Time, WebhookId } from './common.ts'

/** Events sent to webhooks, once per change of state, not once per failed attempt. */
export const WebhookEvent = z
  .enum([
    'grant.reconnect_required',
    'grant.recovered',
    'grant.blocked',
    'grant.protocols_changed',
    'integration.secret_expiring',
    'integration.secret_expired',
    'integration.credential_rejected',
    'integration.app_refused',
    'validation.failed',
    'admin_consent.completed',
  ])
  .meta({
    id: 'WebhookEvent',
    description:
      'A change of state, notified once. `validation.failed` covers saved email accounts only.',
    example: 'grant.reconnect_required',
  })
export type WebhookEvent = z.infer<typeof WebhookEvent>

/** Types of messages: those of the events, and tests. */
export const WebhookMessageType = z.enum([...WebhookEvent.options, 'webhook.test']).meta({
  id: 'WebhookMessageType',
  description: 'Type of the message.',
  example: 'grant.reconnect_required',
})
export type WebhookMessageType = z.infer<typeof WebhookMessageType>

/** `standard` is Standard Webhooks; the others send messages for people, in which events are gathered. */
export type WebhookType = 'standard' | 'slack' | 'teams' | 'email'

export const WebhookInput = z
  .strictObject({
    url: z.string().trim().max(2000).meta({
      description:
        'Endpoint URL: https on the default port with a public host name. On a server of your own, a host that WEBHOOK_PRIVATE_HOSTS names may also be private, use http and any port.',
      example: 'https://helpdesk.example.com/hooks/mailgrant',
    }),
    description: z.string().trim().min(1).max(200).nullish().meta({
      description: 'Description of your choice.',
      example: 'Help desk',
    }),
    events: z
      .array(WebhookEvent)
      .min(1)
      .refine((list) => new Set(list).size === list.length, 'must not contain duplicates')
      .default([...WebhookEvent.options])
      .meta({ description: 'Events to send. Default: all.' }),
    enabled: z.boolean().default(true).meta({
      description:
        'While false, only redeliveries and tests are sent: pending messages become `failed` and can be redelivered, and events in the meantime are not sent later.',
    }),
  })
  .meta({ id: 'WebhookInput' })
export type WebhookInput = z.infer<typeof WebhookInput>

export const Webhook = z
  .object({
    id: WebhookId.meta({ description: 'Id of the webhook.' }),
    url: z.string().meta({
      description: 'Endpoint URL.',
      example: 'https://helpdesk.example.com/hooks/mailgrant',
    }),
    description: z.string().nullable().meta({
      description: 'Description of your choice.',
      example: 'Help desk',
    }),
    events: z.array(WebhookEvent).meta({ description: 'Events sent to it.' }),
    enabled: z.boolean().meta({
      description:
        'While false, only redeliveries and tests are sent. A webhook is disabled if its endpoint answers 410.',
      example: true,
    }),
    paused_until: Time.nullable().meta({
      description:
        'End of a pause, or null. The endpoint asked for it with `Retry-After`, or keeps failing; then tests and redeliveries are still sent.',
    }),
    created_at: Time.meta({ description: 'When the webhook was created.' }),
    updated_at: Time.meta({ description: 'When the webhook was last changed.' }),
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.infer<typeof Webhook>

export const WebhookWithSecret = Webhook.extend({
  secret: z.string().optional().meta({
    description:
      'Secret for verifying the signature of every message. Returned once. Absent only from a response replayed for an `Idempotency-Key`.',
    example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  }),
  previous_secret_expires_at: Time.nullable().meta({
    description: 'Until then, messages are also signed with the previous secret.',
  }),
}).meta({ id: 'WebhookWithSecret' })
/** The first response, which includes the secret. */
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret> & { secret: string }

export const WebhookList = listOf(Webhook, 'WebhookList')

export const DeliveryStatus = z.enum(['pending', 'delivered', 'failed']).meta({
  id: 'DeliveryStatus',
  description:
    '`pending`: waiting for its first or next attempt. `failed`: given up; it can be redelivered.',
})
export type DeliveryStatus = z.infer<typeof DeliveryStatus>

export const WebhookDelivery = z
  .object({
    id: DeliveryId.meta({ description: 'The `webhook-id` of the message.' }),
    type: WebhookMessageType,
    event_id: z.string().meta({
      description: 'Id of the audit event behind the message.',
      example: 'ev_mwiq4wgd7u5x2l3k7777777777',
    }),
    status: DeliveryStatus,
    attempts: z.int().meta({
      description: 'Number of delivery attempts. Faults inside Mailgrant are not counted.',
      example: 1,
    }),
    next_attempt_at: Time.nullable().meta({
      description: 'When the next attempt is due; null once delivered or given up.',
    }),
    last_attempt_at: Time.nullable().meta({ description: 'When the last attempt was made.' }),
    last_status: z.int().nullable().meta({
      description: "HTTP status of the endpoint's last response.",
    }),
    last_error: z
      .string()
      .nullable()
      .meta({ description: 'Why the last attempt failed, or why none was made.' }),
    payload: z.string().meta({
      description: 'The body, byte for byte as signed.',
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/WebhookMessage' },
      example:
        '{"type":"grant.recovered","timestamp":"2026-11-24T09:30:00.000Z","data":{"event_id":"ev_mwiq4wgd7u5x2l3k7777777777","subject":"gr_mwiq4wgd7u5x2l3k7777777777","mail_accounts":["ma_mwiq4wgd7u5x2l3k7777777777"]}}',
    }),
    created_at: Time.meta({ description: 'When the message was created.' }),
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

export const WebhookDeliveryList = listOf(WebhookDelivery, 'WebhookDeliveryList')

export const WebhookDeliveryQuery = ListQuery.extend({
  status: DeliveryStatus.optional().meta({
    description: 'Only messages with this status.',
    example: 'failed',
  }),
})
export type WebhookDeliveryQuery = z.infer<typeof WebhookDeliveryQuery>
