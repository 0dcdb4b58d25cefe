/** Webhooks: endpoints of yours that are told when a state changes, by Standard Webhooks. */
import { z } from 'zod'
import { DeliveryId, ListQuery, listOf, Time, WebhookId } from './common.ts'

/** What is told. Each is sent once per change of state, not once per attempt. */
export const WebhookEvent = z
  .enum([
    'grant.reconnect_required',
    'grant.recovered',
    'grant.blocked',
    'integration.secret_expiring',
    'integration.secret_expired',
    'integration.credential_rejected',
    'validation.failed',
    'admin_consent.completed',
  ])
  .meta({
    id: 'WebhookEvent',
    description: 'A change of state that is told once. `validation.failed`: of a saved account.',
    example: 'grant.reconnect_required',
  })
export type WebhookEvent = z.infer<typeof WebhookEvent>

export const WebhookInput = z
  .strictObject({
    url: z.string().trim().max(2000).meta({
      description: 'Where to POST: https, the usual port, a public name.',
      example: 'https://helpdesk.example.com/hooks/mailgrant',
    }),
    description: z.string().trim().min(1).max(200).nullish().meta({
      description: 'What it is, in your words.',
      example: 'Help desk',
    }),
    events: z
      .array(WebhookEvent)
      .min(1)
      .refine((list) => new Set(list).size === list.length, 'names an event twice')
      .default([...WebhookEvent.options])
      .meta({ description: 'What to tell. All by default.' }),
    enabled: z.boolean().default(true).meta({
      description:
        'While false nothing is sent by itself: what waits is given up and can be redelivered, and what happens meanwhile is not told later.',
    }),
  })
  .meta({ id: 'WebhookInput' })
export type WebhookInput = z.infer<typeof WebhookInput>

export const Webhook = z
  .object({
    id: WebhookId.meta({ description: 'Id of the webhook.' }),
    url: z.string().meta({
      description: 'Where messages are POSTed.',
      example: 'https://helpdesk.example.com/hooks/mailgrant',
    }),
    description: z.string().nullable().meta({
      description: 'What it is, in your words.',
      example: 'Help desk',
    }),
    events: z.array(WebhookEvent).meta({ description: 'What it is told.' }),
    enabled: z.boolean().meta({
      description:
        'False: nothing is sent by itself. An endpoint that answered 410 is switched off.',
      example: true,
    }),
    created_at: Time.meta({ description: 'When it was registered.' }),
    updated_at: Time.meta({ description: 'When it was last changed.' }),
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.infer<typeof Webhook>

export const WebhookWithSecret = Webhook.extend({
  secret: z.string().optional().meta({
    description:
      'Shown once. Checks the signature of every message. Missing only in an answer that is repeated for an `Idempotency-Key`.',
    example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  }),
  previous_secret_expires_at: Time.nullable().meta({
    description: 'Until then the secret before signs beside this one.',
  }),
}).meta({ id: 'WebhookWithSecret' })
/** As it is answered first. */
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret> & { secret: string }

export const WebhookList = listOf(Webhook, 'WebhookList')

export const WebhookDelivery = z
  .object({
    id: DeliveryId.meta({ description: 'The `webhook-id` of the message.' }),
    type: z.string().meta({ description: 'Of the event.', example: 'grant.reconnect_required' }),
    event_id: z.string().meta({
      description: 'The audit event that it tells of.',
      example: 'ev_mwiq4wgd7u5x2l3k7777777777',
    }),
    status: z.enum(['pending', 'delivered', 'failed']).meta({
      description: '`pending` is tried again; `failed` was given up and can be redelivered.',
    }),
    attempts: z.int().meta({
      description: 'How often it was sent. A fault on our own side is not counted.',
      example: 1,
    }),
    next_attempt_at: Time.nullable().meta({
      description: 'When it is sent again; null once it was delivered or given up.',
    }),
    last_attempt_at: Time.nullable().meta({ description: 'When it was last sent.' }),
    last_status: z.int().nullable().meta({ description: 'HTTP status of the last answer.' }),
    last_error: z
      .string()
      .nullable()
      .meta({ description: 'Why the last attempt failed, or why there was none.' }),
    payload: z.string().meta({
      description: 'The body, byte for byte as it is signed.',
      example:
        '{"type":"grant.recovered","timestamp":"2026-11-24T09:30:00.000Z","data":{"event_id":"ev_mwiq4wgd7u5x2l3k7777777777","subject":"gr_mwiq4wgd7u5x2l3k7777777777","mail_accounts":["ma_mwiq4wgd7u5x2l3k7777777777"]}}',
    }),
    created_at: Time.meta({ description: 'When the message was made.' }),
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

export const WebhookDeliveryList = listOf(WebhookDelivery, 'WebhookDeliveryList')

export const WebhookDeliveryQuery = ListQuery.extend({
  status: z.enum(['pending', 'delivered', 'failed']).optional().meta({
    description: 'Only messages in this state.',
    example: 'failed',
  }),
})
export type WebhookDeliveryQuery = z.infer<typeof WebhookDeliveryQuery>
