/** Webhooks and the log of their deliveries. */
import type { ListQuery } from '../../../schema/common.ts'
import { DAY_MS } from '../../../schema/durations.ts'
import type { AuditEvent } from '../../../schema/event.ts'
import { defaultEvents, mayNotifyCustomer } from '../../../schema/events.ts'
import { PlainAddress } from '../../../schema/plain-address.ts'
import { directionOf } from '../../../schema/protocols.ts'
import type {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookInput,
  WebhookType,
  WebhookWithSecret,
} from '../../../schema/webhook.ts'
import { customerOf, scopeOfCustomer, UNLIMITED } from '../../model/access.ts'
import type { MailAccountRecord } from '../../model/mail-account.ts'
import { err, invalid, ok, type Result, type Versioned } from '../../model/result.ts'
import { listPage } from '../../model/storage.ts'
import type { DeliveryRecord, WebhookRecord, WebhookValues } from '../../model/webhook.ts'
import type { Call, Services } from '../../services.ts'
import { admitCustomer, limitRefusal } from '../access/limits.ts'
import { newEvent } from '../events.ts'
import { idOf, newId } from '../secrets.ts'
import { retryOnConflict, retryOnStorageError, writeWithEvent } from '../write-with-retry.ts'
import { checkAddress, checkService } from './address.ts'
import { deliverMessage } from './deliver.ts'
import { HEALTHY, pausedUntil } from './health.ts'
import { testMessage } from './message.ts'
import { newWebhookSecret } from './send.ts'

/** Time to enter a new secret at the receiver, during which the previous one signs, too. */
const SECRET_OVERLAP_MS = DAY_MS

/** Webhooks that a customer may have. */
export const WEBHOOKS_PER_CUSTOMER = 10

const notFound = err({ reason: 'not_found', resource: 'webhook' })

/** The values to store. `secret`: the URL of `slack` and `teams`, a credential; null keeps the stored one. */
type Planned = { type: WebhookType; values: WebhookValues; secret: string | null }

/** Reads the account that the input names as the sender: for a customer's webhook, one of that customer. */
const readSender = async (
  { store }: Services,
  { mail_account_id: id }: WebhookInput,
  customer: string | null,
): Promise<MailAccountRecord | null> =>
  id ? store.mailAccounts.read(id, scopeOfCustomer(customer)) : null

/** Returns what to store. `before`: the stored webhook, whose type stays. */
function plan(
  { settings }: Services,
  input: WebhookInput,
  before: WebhookRecord | null,
  account: MailAccountRecord | null,
  customer: string | null,
): Result<Planned> {
  const type = input.type ?? before?.type ?? 'standard'
  if (before && before.type !== type) return invalid('/type', { issue: 'fixed_type' })
  const common = {
    description: input.description ?? null,
    events: input.events ?? defaultEvents(type === 'standard', customer !== null),
    enabled: input.enabled,
  }
  const foreign = customer !== null && common.events.find((event) => !mayNotifyCustomer(event))
  if (foreign) return invalid('/events', { issue: 'not_for_customers', type: foreign })
  if (type === 'email') {
    const sender = checkSender(input, before, account)
    return sender.ok ? ok({ type, values: { ...common, ...sender.value }, secret: null }) : sender
  }
  for (const name of ['to', 'mail_account_id'] as const) {
    if (input[name]) return invalid(`/${name}`, { issue: 'for_email_only' })
  }
  const none = { recipient: null, mailAccountId: null }
  const isCredential = type !== 'standard'
  // The shortened URL that a response shows can be sent back.
  if (isCredential && before && (input.url ?? before.url) === before.url) {
    return ok({ type, values: { ...common, ...none, url: before.url }, secret: null })
  }
  if (input.url === undefined) return invalid('/url', { issue: 'required' })
  const allowed = checkAddress(input.url, settings, customer)
  if (!allowed.ok) return allowed
  const url = checkService(allowed.value, type)
  if (!url.ok) return url
  return ok({
    type,
    values: { ...common, ...none, url: isCredential ? shownUrl(url.value) : url.value },
    secret: isCredential ? url.value : null,
  })
}

/** Returns host and last four characters of a URL that is a credential. */
const shownUrl = (url: string) => `${new URL(url).host}/\u2026${url.slice(-4)}`

/**
 * Checks the account that is to send. Only a test message shows whether it can. A webhook that is switched off may keep
 * an account that was deleted.
 */
function checkSender(
  { url, to, mail_account_id: id, enabled }: WebhookInput,
  before: WebhookRecord | null,
  account: MailAccountRecord | null,
) {
  if (url !== undefined && url !== `mailto:${to}`)
    return invalid('/url', { issue: 'not_for_email' })
  if (!to) return invalid('/to', { issue: 'required' })
  if (!id) return invalid('/mail_account_id', { issue: 'required' })
  const checked = { url: `mailto:${to}`, recipient: to, mailAccountId: id }
  if (!enabled && id === before?.mailAccountId) return ok(checked)
  if (!account) return invalid('/mail_account_id', { issue: 'unknown_mail_account', id })
  const canSend =
    directionOf(account.protocol) === 'send' &&
    PlainAddress.safeParse(account.from ?? account.username).success
  if (!canSend) return invalid('/mail_account_id', { issue: 'not_a_sender' })
  return ok(checked)
}

/** Returns the receiver for events, which outlive the webhook. A URL's path is left out, since it is often a secret. */
const receiverOf = ({ type, values }: Pick<Planned, 'type' | 'values'>): AuditEvent['data'] => {
  if (type === 'email') return { type, to: values.recipient }
  if (type === 'standard') return { url: new URL(values.url).origin }
  return { type, url: `https://${values.url.split('/')[0]}` }
}

/** Returns the secret, which no later call shows. A retry with the same idempotency key returns the same webhook. */
export async function createWebhook(services: Services, call: Call, input: WebhookInput) {
  const now = services.now()
  const id = idOf('webhook', call.work, services.random)
  // An earlier attempt of this request may have created the webhook before failing.
  const created =
    call.work === undefined ? null : await services.store.webhooks.read(id, call.accessScope)
  if (created) {
    const secrets = await services.store.webhooks.secretsOf(id, now)
    return ok(await viewWithSecret(services, created, secrets?.secrets[0] ?? ''))
  }
  const admitted = await admitCustomer(services, call.accessScope, input.customer)
  if (!admitted.ok) return admitted
  const customer = admitted.value ?? customerOf(call.accessScope)
  const sender = await readSender(services, input, customer)
  const planned = plan(services, input, null, sender, customer)
  if (!planned.ok) return planned
  const { type, values } = planned.value
  const secret = planned.value.secret ?? newWebhookSecret(services.random)
  const event = newEvent(
    services,
    call,
    'webhook.created',
    { id, customer },
    receiverOf(planned.value),
  )
  const isStored = await writeWithEvent(services, event, () =>
    services.store.webhooks.create(
      { id, customer, type },
      values,
      secret,
      { now, limit: customer === null ? null : WEBHOOKS_PER_CUSTOMER },
      event,
    ),
  )
  if (!isStored) return err({ reason: 'too_many_webhooks', limit: WEBHOOKS_PER_CUSTOMER })
  const times = { createdAt: now, updatedAt: now }
  const record = { id, customer, type, ...values, health: HEALTHY, version: 1, ...times }
  return ok(await viewWithSecret(services, record, secret))
}

/** Returns the first response. Only a signing secret is shown. */
const viewWithSecret = async (
  services: Services,
  record: WebhookRecord,
  secret: string,
): Promise<WebhookWithSecret> => ({
  ...(await view(services, record)),
  ...(record.type === 'standard' && { secret }),
  previous_secret_expires_at: null,
})

/** Returns the webhook without its secret, and its version, which is the ETag. */
export async function readWebhook(services: Services, { accessScope }: Call, id: string) {
  const record = await services.store.webhooks.read(id, accessScope)
  return record ? ok({ value: await view(services, record), version: record.version }) : notFound
}

/** Returns a page of the webhooks that the caller's access scope includes, without secrets. */
export async function listWebhooks(services: Services, { accessScope }: Call, query: ListQuery) {
  const page = await services.store.webhooks.list(query, accessScope)
  const data: Webhook[] = []
  for (const record of page.data) data.push(await view(services, record))
  return { data, next_cursor: page.nextCursor }
}

const GIVEN_UP = 'Given up: it was switched off.'

/** Replaces all values but type and customer. `ifMatch`: the required version, null for any. */
export async function replaceWebhook(
  services: Services,
  call: Call,
  id: string,
  input: WebhookInput,
  ifMatch: number | null,
): Promise<Result<Versioned<Webhook>>> {
  const replace = async (): Promise<Result<Versioned<Webhook>> | null> => {
    const before = await services.store.webhooks.read(id, call.accessScope)
    if (!before) return notFound
    if (input.customer !== undefined && input.customer !== before.customer) {
      return (
        limitRefusal(call.accessScope, 'unchanged_customer') ??
        invalid('/customer', { issue: 'fixed_webhook_customer' })
      )
    }
    const sender = await readSender(services, input, before.customer)
    if (ifMatch !== null && ifMatch !== before.version) return versionConflict
    const planned = plan(services, input, before, sender, before.customer)
    if (!planned.ok) return planned
    const { values, secret } = planned.value
    const event = newEvent(services, call, 'webhook.updated', before, receiverOf(planned.value))
    const now = services.now()
    const { version } = before
    const saved = await writeWithEvent(services, event, () =>
      services.store.webhooks.replace(id, version, values, secret, GIVEN_UP, now, event),
    )
    return saved ? retryOnStorageError(services, () => readWebhook(services, call, id)) : null
  }
  return (await retryOnConflict(replace)) ?? versionConflict
}

/** Deletes the webhook with its log of deliveries. Pending messages are not sent. */
export async function deleteWebhook(
  services: Services,
  call: Call,
  id: string,
  ifMatch: number | null,
): Promise<Result<null>> {
  const { webhooks } = services.store
  const before = await webhooks.read(id, call.accessScope)
  if (!before) return notFound
  const event = newEvent(services, call, 'webhook.deleted', before)
  const deleted = await writeWithEvent(services, event, () => webhooks.delete(id, ifMatch, event))
  if (deleted) return ok(null)
  return (await webhooks.read(id, call.accessScope)) ? versionConflict : notFound
}

const versionConflict = err({ reason: 'version_conflict', resource: 'webhook' })

/** Returns the new secret. Messages are signed with both until `previous_secret_expires_at`. */
export async function rotateWebhookSecret(services: Services, call: Call, id: string) {
  const { store } = services
  const record = await store.webhooks.read(id, call.accessScope)
  if (!record) return notFound
  if (record.type !== 'standard') return invalid('', { issue: 'signs_nothing' })
  const eventId = idOf('event', call.work, services.random)
  // An earlier attempt of this request may have rotated the secret. A second rotation would drop the one that the
  // receiver uses.
  const done = call.work !== undefined && (await store.events.has(eventId))
  const event = { ...newEvent(services, call, 'webhook.secret_rotated', record), id: eventId }
  const until = new Date(services.now().getTime() + SECRET_OVERLAP_MS)
  const secret = newWebhookSecret(services.random)
  const rotate = () => store.webhooks.rotate(id, secret, until, event)
  if (!done && !(await writeWithEvent(services, event, rotate))) return versionConflict
  const signing = done ? await store.webhooks.secretsOf(id, services.now()) : null
  return ok({
    ...(await view(services, record)),
    secret: signing?.secrets[0] ?? secret,
    previous_secret_expires_at: (signing ? signing.previousUntil : until)?.toISOString() ?? null,
  })
}

/** Sends a `webhook.test` message, ahead of those that wait. */
export async function testWebhook(services: Services, call: Call, id: string) {
  const { store } = services
  const webhook = await store.webhooks.read(id, call.accessScope)
  if (!webhook) return notFound
  const now = services.now()
  const event = newEvent(services, call, 'webhook.tested', webhook)
  const type = 'webhook.test' as const
  const payload = testMessage({ id: event.id, at: now }, webhook)
  const delivery = { id: newId('delivery', services.random), webhookId: id, type, payload }
  await writeWithEvent(services, event, () => store.deliveries.add(delivery, now, event))
  call.defer(deliverMessage(services, webhook, delivery.id))
  return ok(
    deliveryView({
      ...delivery,
      eventId: event.id,
      state: 'pending',
      attempts: 0,
      nextAttemptAt: now,
      lastAttemptAt: null,
      lastStatus: null,
      lastError: null,
      createdAt: now,
    }),
  )
}

/** Returns a page of the deliveries of a webhook, newest first. They are kept for 30 days. */
export async function listDeliveries(
  services: Services,
  { accessScope }: Call,
  id: string,
  query: WebhookDeliveryQuery,
) {
  const { webhooks, deliveries } = services.store
  const [webhook, page] = await Promise.all([
    webhooks.read(id, accessScope),
    deliveries.list(id, query, accessScope),
  ])
  if (!webhook) return notFound
  return ok(listPage(page, deliveryView))
}

const noSuchDelivery = err({ reason: 'not_found', resource: 'delivery' })

/** Sends a message again, with the same id, so a receiver recognises one that it already has. */
export async function redeliver(services: Services, call: Call, webhookId: string, id: string) {
  const { store } = services
  const webhook = await store.webhooks.read(webhookId, call.accessScope)
  if (!webhook) return noSuchDelivery
  const event = newEvent(services, call, 'webhook.redelivered', webhook, { delivery: id })
  const delivery = await store.deliveries.requeue(webhookId, id, services.now(), event)
  if (!delivery) return noSuchDelivery
  call.defer(deliverMessage(services, webhook, id))
  return ok(deliveryView(delivery))
}

const view = async (services: Services, record: WebhookRecord): Promise<Webhook> => ({
  id: record.id,
  customer: record.customer,
  type: record.type,
  url: record.url,
  to: record.recipient,
  mail_account_id: record.mailAccountId,
  description: record.description,
  events: record.events,
  enabled: record.enabled,
  paused_until: pausedUntil(record.health, services.now())?.toISOString() ?? null,
  warnings: await warningsOf(services, record),
  created_at: record.createdAt.toISOString(),
  updated_at: record.updatedAt.toISOString(),
})

/** Warns of problems that messages by email can never report, because they stop the sending account. */
async function warningsOf({ store }: Services, { type, mailAccountId }: WebhookRecord) {
  if (type !== 'email') return []
  const account =
    mailAccountId === null ? null : await store.mailAccounts.read(mailAccountId, UNLIMITED)
  if (!account) return ['The email account that sends was deleted. Choose another one.']
  return [
    account.authentication === 'password'
      ? `Nothing is sent about ${account.username} itself. Add another alert channel that reports it when it fails.`
      : `${account.username} sends with OAuth. Nothing is sent about its own sign-in, nor when Microsoft rejects the app or its credential. Add another alert channel that reports these.`,
  ]
}

const deliveryView = (record: DeliveryRecord): WebhookDelivery => ({
  id: record.id,
  type: record.type,
  event_id: record.eventId,
  status: record.state,
  attempts: record.attempts,
  next_attempt_at: record.nextAttemptAt?.toISOString() ?? null,
  last_attempt_at: record.lastAttemptAt?.toISOString() ?? null,
  last_status: record.lastStatus,
  last_error: record.lastError,
  payload: record.payload,
  created_at: record.createdAt.toISOString(),
})
