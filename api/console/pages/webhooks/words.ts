/** Webhooks and their messages in plain words. Pure. */
import type {
  Webhook,
  WebhookDelivery,
  WebhookEvent,
  WebhookType,
} from '../../../../schema/webhook.ts'
import type { Tone } from '../../ui/tone.ts'
import { count } from '../../ui/words.ts'

/** Events that a webhook can receive, with an explanation of each. */
export const webhookEvents: Record<WebhookEvent, { label: string; help: string }> = {
  'grant.reconnect_required': {
    label: 'A mailbox needs reconnecting',
    help: 'Microsoft requires a new sign-in.',
  },
  'grant.blocked': {
    label: 'A mailbox is blocked',
    help: 'Microsoft refuses access until an administrator changes something.',
  },
  'grant.recovered': {
    label: 'A mailbox works again',
    help: 'After it needed reconnecting or was blocked.',
  },
  'grant.protocols_changed': {
    label: 'A mailbox lost or regained a protocol',
    help: 'Microsoft no longer grants reading (IMAP) or sending (SMTP), or grants it again.',
  },
  'validation.failed': {
    label: 'A validation failed',
    help: 'A login to a saved email account failed. Validations of unsaved forms are not included.',
  },
  'validation.passed': {
    label: 'A validation passed again',
    help: 'A login to a saved email account that failed before works again.',
  },
  'integration.secret_expiring': {
    label: 'The client secret or certificate expires soon',
    help: '30 days, 7 days and one day before; later if its lifetime is short.',
  },
  'integration.secret_expired': {
    label: 'The client secret or certificate has expired',
    help: 'No mailbox gets a new access token until it is replaced.',
  },
  'integration.credential_rejected': {
    label: 'Microsoft rejects the client ID or the credential',
    help: 'The credential is wrong, was deleted, or is not entered at Entra.',
  },
  'integration.issuer_unreachable': {
    label: 'Microsoft cannot read the keys of Mailgrant',
    help: 'Only with a federated credential: PUBLIC_URL cannot be reached from the internet.',
  },
  'integration.credential_accepted': {
    label: 'Microsoft accepts the credential again',
    help: 'After it was rejected or Microsoft could not read the keys. A new credential is not reported.',
  },
  'integration.app_refused': {
    label: 'Microsoft refuses the app',
    help: 'Several mailboxes are refused for the same reason, such as an app that was deleted or disabled.',
  },
  'integration.app_accepted': {
    label: 'Microsoft accepts the app again',
    help: 'After it was refused. New settings are not reported.',
  },
  'integration.microsoft_unreachable': {
    label: "Microsoft can't be reached",
    help: 'No request has had a response for 15 minutes: a firewall, a proxy or a certificate, most often.',
  },
  'integration.microsoft_reachable': {
    label: 'Microsoft can be reached again',
    help: 'After it could not be reached for 15 minutes.',
  },
  'admin_consent.completed': {
    label: 'An administrator consented',
    help: 'An administrator approved the app through an admin-consent link.',
  },
}

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

export const messageName = (type: string) =>
  type === 'webhook.test' ? 'Test message' : (webhookEvents[type as WebhookEvent]?.label ?? type)

/** Returns the description of a webhook, or else the host of its URL. */
export const webhookName = ({ description, url }: Pick<Webhook, 'description' | 'url'>) =>
  description ?? (URL.parse(url)?.host || url.replace(/^mailto:/, ''))

export const eventCount = (events: readonly string[]): string =>
  events.length === Object.keys(webhookEvents).length
    ? 'All events'
    : count(events.length, 'event type')

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
