/** Webhooks and their messages in plain words. Pure. */
import { messages, webhookEvents } from '../../../../schema/events.ts'
import type { Webhook, WebhookDelivery, WebhookType } from '../../../../schema/webhook.ts'
import { count } from '../../ui/phrase.ts'
import type { Tone } from '../../ui/state.ts'

/** Destinations of a webhook. */
export const webhookTypes: readonly { value: WebhookType; label: string; help: string }[] = [
  { value: 'slack', label: 'Slack', help: 'A channel of your workspace.' },
  { value: 'teams', label: 'Microsoft Teams', help: 'A channel or chat.' },
  { value: 'email', label: 'Email', help: 'Sent through one of your accounts for outgoing email.' },
  {
    value: 'standard',
    label: 'Your own endpoint',
    help: 'A program that receives signed JSON for each event.',
  },
]

/** Returns the words for a type of message, or the type itself if a newer server sent it. */
export const messageName = (type: string) =>
  messages[type as WebhookDelivery['type']]?.title ?? type

/** Returns the description of a webhook, or else the host of its URL. */
export const webhookName = ({ description, url }: Pick<Webhook, 'description' | 'url'>) =>
  description ?? (URL.parse(url)?.host || url.replace(/^mailto:/, ''))

export const eventCount = (events: readonly string[]): string =>
  events.length === webhookEvents.length ? 'All events' : count(events.length, 'event type')

type WebhookState = Pick<Webhook, 'enabled' | 'paused_until'>

export function webhookState({ enabled, paused_until }: WebhookState): DeliveryState {
  if (!enabled) return { tone: 'plain', word: 'Off' }
  return paused_until === null ? { tone: 'good', word: 'On' } : { tone: 'ask', word: 'Paused' }
}

type DeliveryState = { tone: Tone; word: string }

export function deliveryState(delivery: WebhookDelivery): DeliveryState {
  if (delivery.status === 'delivered') return { tone: 'good', word: 'Delivered' }
  if (delivery.status === 'failed') return { tone: 'bad', word: 'Failed' }
  return delivery.attempts === 0
    ? { tone: 'plain', word: 'Sending' }
    : { tone: 'ask', word: 'Retrying' }
}

/** Returns true if the message was tried since it was last sent, which resets the number of attempts. */
export const wasTried = ({ status, attempts }: WebhookDelivery) =>
  status !== 'pending' || attempts > 0
