/** Webhooks and the messages that are delivered to them. */
import type { webhookDeliveries, webhooks } from '../../schema/d1/operating-tables.ts'
import { DAY_MS, MINUTE_MS } from '../../schema/durations.ts'
import type { StoredEvent } from './event.ts'

type Row = typeof webhooks.$inferSelect

export type WebhookRecord = Pick<
  Row,
  | 'id'
  | 'customer'
  | 'type'
  | 'url'
  | 'recipient'
  | 'mailAccountId'
  | 'description'
  | 'events'
  | 'enabled'
  | 'version'
  | 'createdAt'
  | 'updatedAt'
> & { health: EndpointHealth }

export type WebhookValues = Pick<
  WebhookRecord,
  'url' | 'recipient' | 'mailAccountId' | 'description' | 'events' | 'enabled'
>

/** Recent responses of an endpoint, for all of its messages. */
export type EndpointHealth = Pick<Row, 'failures' | 'failingSince' | 'backoffUntil' | 'retryAfter'>

/** Longest pause of an endpoint that keeps failing. */
export const MAX_BACKOFF_MS = 10 * MINUTE_MS
/** Longest delay that a receiver may ask for. */
export const MAX_RETRY_AFTER_MS = DAY_MS
/** Least time between two messages for people, since more would not be read. */
export const PACE_MS = MINUTE_MS

/** An endpoint with waiting messages. */
export type Endpoint = Pick<WebhookRecord, 'id' | 'customer' | 'type' | 'health'>

/**
 * URL, health and secrets of an endpoint: the current secret first, then the previous one until it expires. The
 * secret of `slack` and `teams` is the URL that messages are sent to.
 */
export type SendTarget = Pick<
  WebhookRecord,
  'customer' | 'type' | 'url' | 'recipient' | 'mailAccountId' | 'health'
> & { secrets: string[]; previousUntil: Date | null }

/** One message to one webhook: an entry of the queue, then of the delivery log. */
export type DeliveryRecord = Omit<typeof webhookDeliveries.$inferSelect, 'leaseExpiresAt'>

/** Longer than a run, so that no other run sends the message meanwhile. */
export const DELIVERY_LEASE_MS = 2 * MINUTE_MS

/** A message that no other run sends until the lease expires. */
export type LeasedDelivery = DeliveryRecord & { leaseExpiresAt: Date }

export type DeliveryAttempt = {
  id: string
  /** Lease of the attempt, which is recorded only while that lease is valid. */
  leaseExpiresAt: Date
  /** Null when an internal fault prevented sending: then the attempt does not count. */
  at: Date | null
  /** HTTP status of the response, if there was one. */
  status: number | null
  error: string | null
  state: DeliveryRecord['state']
  nextAttemptAt: Date | null
}

/** An event that webhooks have not been notified of. */
export type PendingEvent = { event: StoredEvent; mailAccountIds: string[] }

/** The message about an event, before its webhooks are known. */
export type NewMessage = { eventId: string; payload: string }

/** The reason why a request was not sent: the receiver's address, or the response of the proxy on the way. */
type WebhookNotSentReason =
  | { reason: 'private_address' }
  | { reason: 'proxy_refused'; status: number }

/** Thrown instead of sending a request to a webhook. */
export class WebhookNotSent extends Error {
  override name = 'WebhookNotSent'
  readonly why: WebhookNotSentReason
  constructor(why: WebhookNotSentReason) {
    super(why.reason)
    this.why = why
  }
}

// Messages for people: what happened to mailboxes and to the integration, gathered from many events.

/** One line of a message. Its texts contain nothing from a server's response. */
export type AlertLine = {
  /** The address of the mailbox, or "Microsoft integration". */
  subject: string
  /** Sentence that says what happened. */
  text: string
  /** Party that must act; null if none has to. */
  whoActs: string | null
  /** The page of the console that has the details. */
  url: string
}

export type Alert = {
  title: string
  lines: AlertLine[]
  /** Note on what the lines leave out, with a link to it. */
  more: { text: string; url: string } | null
}
