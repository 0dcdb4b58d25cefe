/**
 * All types of events, a row for each with its texts. The audit trail, webhooks, alerts, the console and the document
 * read them here. Without zod, for the console.
 */
import { type EventRow, integrationEvents, type Notification } from './integration-events.ts'

const rows = {
  'grant.reconnect_required': {
    title: 'A new sign-in is required',
    help: 'Microsoft no longer accepts the sign-in of a mailbox.',
    kind: 'problem',
    who: 'user',
  },
  'grant.blocked': {
    title: 'Microsoft blocks access to the mailbox',
    help: 'It refuses access until an administrator changes something.',
    kind: 'problem',
    who: 'tenant_admin',
  },
  'grant.recovered': {
    title: 'The mailbox works again',
    help: 'After it needed a new sign-in or was blocked.',
    kind: 'recovery',
  },
  'grant.protocols_changed': {
    title: 'Microsoft grants other protocols than before',
    help: 'It no longer grants reading (IMAP) or sending (SMTP or Microsoft Graph), or grants it again.',
    kind: 'problem',
    who: 'tenant_admin',
  },
  'grant.cooling_down': { title: 'Waiting for Microsoft' },
  'grant.imported': { title: 'Sign-in imported from another product' },
  'grant.deleted': { title: 'Sign-in deleted' },
  'validation.failed': {
    title: 'Validation failed',
    help: 'A login to a saved email account failed. Validations of unsaved forms are not included.',
    kind: 'problem',
    alert: 'The mail server refuses the login',
  },
  'validation.passed': {
    title: 'Validation passed',
    help: 'A login to a saved email account that failed before works again.',
    kind: 'recovery',
    alert: 'The mailbox works again',
  },
  'validation.inconclusive': { title: 'Validation inconclusive' },
  ...integrationEvents,
  'admin_consent.completed': {
    title: 'An administrator consented',
    help: 'An administrator approved the app through an admin-consent link.',
    kind: 'recovery',
    forPrograms: true,
    alert:
      'The admin-consent link reports that an administrator consented. Try a sign-in before you rely on it',
  },
  'admin_consent.created': { title: 'Admin-consent link created' },
  'authorization.created': { title: 'Sign-in started' },
  'authorization.completed': {
    title: 'Sign-in completed',
    help: 'A person has signed in with a link that you created.',
    kind: 'recovery',
    forPrograms: true,
  },
  'authorization.failed': {
    title: 'Sign-in failed',
    help: 'A link that you created was used, and the sign-in ended without access to the mailbox. A link that was sent is also reported when it ends unused.',
    kind: 'problem',
    who: 'user',
    forPrograms: true,
  },
  'authorization.ended': { title: 'Sign-in link ended' },
  'mail_account.created': { title: 'Email account created' },
  'mail_account.updated': { title: 'Email account changed' },
  'mail_account.deleted': { title: 'Email account deleted' },
  'mail_account.moved': { title: 'Email account moved to or from the customer' },
  'mail_account.protocol_changed': {
    title: 'Email account changed to another protocol',
    help: 'It reads or sends another way than before, such as through Microsoft Graph instead of SMTP.',
    kind: 'recovery',
    forPrograms: true,
  },
  'test_message.requested': { title: 'Test message requested' },
  'webhook.created': { title: 'Alert channel or webhook created' },
  'webhook.updated': { title: 'Alert channel or webhook changed' },
  'webhook.deleted': { title: 'Alert channel or webhook deleted' },
  'webhook.disabled': { title: 'Alert channel or webhook switched off' },
  'webhook.secret_rotated': { title: 'Webhook secret rotated' },
  'webhook.tested': { title: 'Alert channel or webhook tested' },
  'webhook.redelivered': { title: 'Alert or webhook message sent again' },
  'customer.suspended': { title: 'Customer suspended' },
  'customer.resumed': { title: 'Customer resumed' },
  'customer.deleted': { title: 'Customer deleted' },
  'api_key.created': { title: 'API key created' },
  'api_key.updated': {
    title: 'API key changed',
    help: 'Its name, permissions, email accounts or expiry date were changed.',
    kind: 'recovery',
    forPrograms: true,
  },
  'api_key.revoked': { title: 'API key revoked' },
  'access.refused': { title: 'API key refused' },
  'root_key.used': { title: 'Root key used' },
  'console_session.opened': { title: 'Signed in to the console' },
  'console_session.closed': { title: 'Console session ended' },
  'database.restored': { title: 'Database restored' },
} as const satisfies Record<string, EventRow>

export type EventType = keyof typeof rows
export const events: Record<EventType, EventRow> = rows
export const eventTypes = Object.keys(rows) as EventType[]

/** Events of the deployment alone. Others are those of the customer of what they are about. */
type DeploymentEvent =
  | `${'integration' | 'console_session'}.${string}`
  | 'customer.deleted'
  | 'access.refused'
  | 'root_key.used'
  | 'database.restored'

/** The subject of an event, with its customer if the event can have one. */
export type EventSubject<Type extends EventType, Customer> = Type extends DeploymentEvent
  ? string | null
  : { id: string; customer: Customer }

export type WebhookEvent = {
  [Type in EventType]: (typeof rows)[Type] extends { kind: string } ? Type : never
}[EventType]
export type WebhookMessageType = WebhookEvent | 'webhook.test'

type Message = { title: string } & Omit<Notification, 'kind'> & {
    kind: Notification['kind'] | 'test'
  }

/** The types that webhooks can be notified of. */
export const webhookEvents = eventTypes.filter(
  (type): type is WebhookEvent => events[type].kind !== undefined,
)

/** Texts of each type of message. */
export const messages = Object.fromEntries<Message>([
  ...webhookEvents.map((type): [string, Message] => [type, rows[type]]),
  ['webhook.test', { title: 'Test message', help: 'Sent on request.', kind: 'test' }],
]) as Record<WebhookMessageType, Message>

/** Returns true if a customer's webhook can be notified of it. */
export const mayNotifyCustomer = (type: WebhookEvent) => !type.startsWith('integration.')

/** Types that a webhook is notified of by default; `forPrograms` if a program receives them. */
export const defaultEvents = (forPrograms: boolean, ofCustomer: boolean) =>
  webhookEvents.filter(
    (type) =>
      (forPrograms || !messages[type].forPrograms) && (!ofCustomer || mayNotifyCustomer(type)),
  )

export const messageTypes = Object.keys(messages) as WebhookMessageType[]
