/** Audit events. */
import type { AuditEvent } from '../../schema/event.ts'
import { WebhookEvent } from '../../schema/webhook.ts'

export type EventRecord = Omit<AuditEvent, 'at'> & {
  at: Date
  /** True to notify no webhook, although they listen to this type. */
  silent?: boolean
}

const WEBHOOK_EVENTS: ReadonlySet<string> = new Set(WebhookEvent.options)

/** Returns true when webhooks may be waiting for this event. */
export const notifiesWebhooks = ({ type, silent }: Pick<EventRecord, 'type' | 'silent'>) =>
  WEBHOOK_EVENTS.has(type) && silent !== true
