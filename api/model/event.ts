/** Audit events, and the facts from which histories are shown. */
import type { Actor, AuditEvent } from '../../schema/event.ts'
import type { Outcome } from '../../schema/probe.ts'
import { WebhookEvent } from '../../schema/webhook.ts'

export type EventRecord = Omit<AuditEvent, 'at' | 'customer'> & {
  at: Date
  /**
   * The customer of the event. `ofTenant`: the store looks up the customer of the tenant's app-only accounts, if they
   * all belong to one.
   */
  customer: string | null | { ofTenant: string }
  /** True to notify no webhook, although they listen to this type. */
  silent?: boolean
}

/** An event as it is read. The store has looked up the customer. */
export type StoredEvent = EventRecord & { customer: string | null }

const WEBHOOK_EVENTS: ReadonlySet<string> = new Set(WebhookEvent.options)

/** Returns true when webhooks may be waiting for this event. */
export const notifiesWebhooks = ({ type, silent }: Pick<EventRecord, 'type' | 'silent'>) =>
  WEBHOOK_EVENTS.has(type) && silent !== true

type CheckCounts = { passed: number; failed: number; inconclusive: number }

/** Days since the Unix epoch, UTC. */
export type Day = number

/** `waited`: 1 if the account waited for a person. */
export type AccountDay = CheckCounts & { day: Day; waited: number }

export type DeploymentDay = CheckCounts & {
  day: Day
  /** Number of email accounts that waited for a person. */
  waited: number
  tokens: { succeeded: number; refused: number; failed: number }
}

/** A validation of the saved values. */
export type Check = { at: Date; outcome: Outcome }

export type TimelineEvent = EventRecord & {
  /** Name of the API key that caused it; null for other actors. */
  keyName: string | null
  /** The key or person that requested the sign-in behind this event, if any. */
  requester: { type: Actor['type']; id: string; name: string | null } | null
}
