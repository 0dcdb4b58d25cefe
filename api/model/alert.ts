/** Messages for people: what happened to mailboxes and to the integration, gathered from many events. */
import type { WebhookMessageType } from '../../schema/webhook.ts'

/** Pending messages to one endpoint that are sent as one. */
export type DeliveryGroup = {
  webhookId: string
  /** The lease that all of them share, by which they are found again. */
  leaseExpiresAt: Date
  counts: { type: WebhookMessageType; count: number }[]
  /** The first of them, those that somebody must act on before the others. */
  first: GroupedDelivery[]
}

export type GroupedDelivery = { id: string; type: WebhookMessageType; payload: string }

/** One line of a message. None of its texts holds a word of a server's answer. */
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
  /** Note of what the lines leave out, and where to see it. */
  more: { text: string; url: string } | null
}
