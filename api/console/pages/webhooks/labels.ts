/** Alert channels, webhooks and their messages in plain words. Pure. */
import { defaultEvents, messages } from '../../../../schema/events.ts'
import type {
  Webhook,
  WebhookDelivery,
  WebhookEvent,
  WebhookType,
} from '../../../../schema/webhook.ts'
import type { IconName } from '../../components/icon.tsx'
import { count } from '../../ui/phrase.ts'
import type { Tone } from '../../ui/state.ts'

/** Kinds of alert channels and webhooks, each with an icon and a word. */
export const kinds: Record<WebhookType, { icon: IconName; label: string }> = {
  slack: { icon: 'hash', label: 'Slack' },
  teams: { icon: 'people', label: 'Microsoft Teams' },
  email: { icon: 'envelope', label: 'Email' },
  standard: { icon: 'code', label: 'Webhook' },
}

export const channelTypes = ['slack', 'teams', 'email'] as const

/** "alert channel" for people, "webhook" for a program. */
export const nounOf = (type: WebhookType) => (type === 'standard' ? 'webhook' : 'alert channel')

type Receiving = Pick<Webhook, 'type' | 'customer'>

/** Returns the types of events that are recommended: for people, those that need a person, and their end. */
export const recommendedEvents = ({ type, customer }: Receiving) =>
  defaultEvents(type === 'standard', customer !== null)

/** Returns true if these are the recommended ones. Their order does not matter. */
export const isRecommended = (of: Receiving, events: readonly WebhookEvent[]) =>
  [...events].sort().join() === [...recommendedEvents(of)].sort().join()

export const recommendation = (type: WebhookType) =>
  type === 'standard' ? 'Every event' : 'Everything that needs a person'

export const eventsChosen = ({ events, ...of }: Receiving & Pick<Webhook, 'events'>): string =>
  isRecommended(of, events)
    ? recommendation(of.type)
    : count(events.length, 'type of event', 'types of events')

/** Returns the words for a type of message, or the type itself if a newer server sent it. */
export const messageName = (type: string) =>
  messages[type as WebhookDelivery['type']]?.title ?? type

/** Returns the recipient or the URL, as far as it is shown. */
export const receiverOf = ({ url }: Pick<Webhook, 'url'>) => url.replace(/^mailto:/, '')

/** Returns the kind, with the receiver unless that is its name. */
export const kindAndReceiver = ({ type, description, url }: Webhook) =>
  kinds[type].label + (description === null ? '' : ` \u00b7 ${receiverOf({ url })}`)

/** Returns the description, or else the host of the URL. */
export const webhookName = ({ description, url }: Pick<Webhook, 'description' | 'url'>) =>
  description ?? (URL.parse(url)?.host || receiverOf({ url }))

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
