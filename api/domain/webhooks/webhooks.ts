/** Webhooks and the log of their deliveries. */
import type { ListQuery } from '../../../schema/common.ts'
import { DAY_MS } from '../../../schema/durations.ts'
import type {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookInput,
  WebhookWithSecret,
} from '../../../schema/webhook.ts'
import { ok, type Result, refuse, type Versioned } from '../../model/result.ts'
import type { DeliveryRecord, WebhookRecord, WebhookValues } from '../../model/webhook.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { idOf, newId } from '../secrets.ts'
import { retryUntilAnswered, writeWithEvent } from '../write-with-retry.ts'
import { checkAddress } from './address.ts'
import { deliverMessage } from './deliver.ts'
import { HEALTHY, pausedUntil } from './health.ts'
import { testMessage } from './message.ts'
import { newWebhookSecret } from './sign.ts'

/** Time to enter a new secret at the receiver: the previous one signs too. */
const SECRET_OVERLAP_MS = DAY_MS

const notFound = refuse({ reason: 'not_found', resource: 'webhook' })

function valuesOf(services: Services, input: WebhookInput): Result<WebhookValues> {
  const url = checkAddress(input.url, services.settings)
  if (!url.ok) return url
  const { description, events, enabled } = input
  return ok({ url: url.value, description: description ?? null, events, enabled })
}

/** Returns the origin only: the event outlives the webhook, and the path is often a secret. */
const originOf = ({ url }: WebhookValues) => ({ url: new URL(url).origin })

export async function createWebhook(
  services: Services,
  call: Call,
  input: WebhookInput,
): Promise<Result<WebhookWithSecret>> {
  const values = valuesOf(services, input)
  if (!values.ok) return values
  const now = services.now()
  const id = idOf('webhook', call.work, services.random)
  // An earlier attempt of this request may have created the webhook before failing.
  const created = call.work === undefined ? null : await services.store.webhooks.read(id)
  const secrets = created && (await services.store.webhooks.secretsOf(id, now))
  const createdSecret = secrets?.secrets[0]
  if (created && createdSecret)
    return ok({ ...view(created, now), secret: createdSecret, previous_secret_expires_at: null })
  const secret = newWebhookSecret(services.random)
  const event = newEvent(services, call, 'webhook.created', id, originOf(values.value))
  await writeWithEvent(services, event, () =>
    services.store.webhooks.create(id, values.value, secret, now, event),
  )
  const times = { createdAt: now, updatedAt: now }
  const record = { id, ...values.value, health: HEALTHY, version: 1, ...times }
  return ok({ ...view(record, now), secret, previous_secret_expires_at: null })
}

export async function readWebhook(
  services: Services,
  id: string,
): Promise<Result<Versioned<Webhook>>> {
  const record = await services.store.webhooks.read(id)
  return record ? ok({ value: view(record, services.now()), version: record.version }) : notFound
}

export async function listWebhooks(services: Services, query: ListQuery) {
  const page = await services.store.webhooks.list(query)
  const now = services.now()
  return { data: page.data.map((record) => view(record, now)), next_cursor: page.nextCursor }
}

const GIVEN_UP = 'Given up: the webhook was switched off.'

export async function replaceWebhook(
  services: Services,
  call: Call,
  id: string,
  input: WebhookInput,
  ifMatch: number | null,
): Promise<Result<Versioned<Webhook>>> {
  const { store } = services
  const values = valuesOf(services, input)
  if (!values.ok) return values
  const result = await retryOnConflict<Result<Versioned<Webhook>>>(async () => {
    const before = await store.webhooks.read(id)
    if (!before) return notFound
    if (ifMatch !== null && ifMatch !== before.version) return versionConflict
    const event = newEvent(services, call, 'webhook.updated', id, originOf(values.value))
    const now = services.now()
    const { version } = before
    const saved = await writeWithEvent(services, event, () =>
      store.webhooks.replace(id, version, values.value, GIVEN_UP, now, event),
    )
    return saved ? retryUntilAnswered(services, () => readWebhook(services, id)) : null
  })
  return result ?? versionConflict
}

/** Deletes the webhook with its log of deliveries. Pending messages are not sent. */
export async function deleteWebhook(
  services: Services,
  call: Call,
  id: string,
  ifMatch: number | null,
): Promise<Result<null>> {
  const { webhooks } = services.store
  const event = newEvent(services, call, 'webhook.deleted', id)
  const deleted = await writeWithEvent(services, event, () => webhooks.delete(id, ifMatch, event))
  if (deleted) return ok(null)
  return (await webhooks.read(id)) ? versionConflict : notFound
}

const versionConflict = refuse({ reason: 'version_conflict', resource: 'webhook' })

export async function rotateWebhookSecret(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<WebhookWithSecret>> {
  const { store } = services
  const eventId = idOf('event', call.work, services.random)
  // An earlier attempt of this request may have rotated the secret: a second rotation would drop the
  // one that the receiver uses.
  const done = call.work !== undefined && (await store.events.has(eventId))
  const event = { ...newEvent(services, call, 'webhook.secret_rotated', id), id: eventId }
  const until = new Date(services.now().getTime() + SECRET_OVERLAP_MS)
  const secret = newWebhookSecret(services.random)
  // Read first: a failure after the rotation would make the caller rotate again.
  const record = await store.webhooks.read(id)
  if (!record) return notFound
  const rotate = () => store.webhooks.rotate(id, secret, until, event)
  if (!done && !(await writeWithEvent(services, event, rotate))) return versionConflict
  const signing = done ? await store.webhooks.secretsOf(id, services.now()) : null
  return ok({
    ...view(record, services.now()),
    secret: signing?.secrets[0] ?? secret,
    previous_secret_expires_at: (signing ? signing.previousUntil : until)?.toISOString() ?? null,
  })
}

/** Sends a `webhook.test` message, ahead of those that wait. */
export async function testWebhook(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<WebhookDelivery>> {
  const { store } = services
  if (!(await store.webhooks.read(id))) return notFound
  const now = services.now()
  const event = newEvent(services, call, 'webhook.tested', id)
  const type = 'webhook.test' as const
  const payload = testMessage({ id: event.id, at: now }, id)
  const delivery = { id: newId('delivery', services.random), webhookId: id, type, payload }
  await writeWithEvent(services, event, () => store.deliveries.add(delivery, now, event))
  call.defer(deliverMessage(services, id, delivery.id))
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

export async function listDeliveries(services: Services, id: string, query: WebhookDeliveryQuery) {
  if (!(await services.store.webhooks.read(id))) return notFound
  const page = await services.store.deliveries.list(id, query)
  return ok({ data: page.data.map(deliveryView), next_cursor: page.nextCursor })
}

/** Sends a message again, with the same id: a receiver recognises one that it already has. */
export async function redeliver(
  services: Services,
  call: Call,
  webhookId: string,
  id: string,
): Promise<Result<WebhookDelivery>> {
  const event = newEvent(services, call, 'webhook.redelivered', webhookId, { delivery: id })
  const delivery = await services.store.deliveries.requeue(webhookId, id, services.now(), event)
  if (!delivery) return refuse({ reason: 'not_found', resource: 'delivery' })
  call.defer(deliverMessage(services, webhookId, id))
  return ok(deliveryView(delivery))
}

const view = (record: WebhookRecord, now: Date): Webhook => ({
  id: record.id,
  url: record.url,
  description: record.description,
  events: record.events,
  enabled: record.enabled,
  paused_until: pausedUntil(record.health, now)?.toISOString() ?? null,
  created_at: record.createdAt.toISOString(),
  updated_at: record.updatedAt.toISOString(),
})

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
