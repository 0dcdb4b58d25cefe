/**
 * Webhook delivery: queues messages about new events, then sends those that are due. Runs may overlap,
 * and the next run completes an interrupted one; a message may then arrive twice, with the same id.
 */
import { MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import { describeError } from '../../log.ts'
import { KeyMissing, SealBroken } from '../../model/sealing.ts'
import type { DeliveryAttempt, DeliveryRecord } from '../../model/webhook.ts'
import { parseRetryAfter } from '../../retry-after.ts'
import type { Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { checkAddress } from './address.ts'
import { MAX_DELAY_MS, retryDelay } from './backoff.ts'
import { eventMessage } from './message.ts'
import { signatureHeaders } from './sign.ts'

/** Delay after an internal error, which does not count as an attempt. */
const INTERNAL_ERROR_DELAY_MS = 5 * MINUTE_MS
/** Receivers are expected to accept a message at once and process it later. */
const TIMEOUT_MS = 15 * SECOND_MS
/** Longer than `TIMEOUT_MS`, so that no other run sends the message meanwhile. */
const LEASE_MS = MINUTE_MS
/** Workers allow six simultaneous connections. */
const BATCH_SIZE = 6
/** Batches per run; the next run sends the rest. */
const MAX_BATCHES = 20

/** Runs one delivery. Never throws: the next run retries what failed. */
export async function deliverWebhooks(services: Services): Promise<void> {
  const { deliveries } = services.store
  try {
    await enqueueMessages(services)
    const skippedWebhooks = new Set<string>()
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const leased = await deliveries.lease(BATCH_SIZE, services.now(), LEASE_MS, [
        ...skippedWebhooks,
      ])
      if (leased.length === 0) return
      const attempts = await Promise.all(leased.map((delivery) => attempt(services, delivery)))
      await deliveries.record(attempts)
      // Leaves unreachable and overloaded receivers to the next run: they would delay the others.
      for (const [index, { status }] of attempts.entries()) {
        if (status === null || isOverloaded(status))
          skippedWebhooks.add(leased[index]?.webhookId ?? '')
      }
    }
  } catch (error) {
    services.log('error', 'webhooks_failed', { error: describeError(error) })
  }
}

/** Queues a message for each event that webhooks have not been notified of. */
export async function enqueueMessages({ store, now }: Services): Promise<void> {
  const pending = await store.deliveries.pendingEvents()
  const messages = pending.map((entry) => ({
    eventId: entry.event.id,
    payload: eventMessage(entry),
  }))
  await store.deliveries.enqueue(messages, now())
}

const isOverloaded = (status: number) => status === 429 || status >= 500

/** Outcome of one request; `error` is null if the receiver accepted the message. `retryAfter`: seconds. */
type SendResult = { status: number | null; error: string | null; retryAfter?: number | null }

async function attempt(services: Services, delivery: DeliveryRecord): Promise<DeliveryAttempt> {
  const { id } = delivery
  try {
    const { status, error, retryAfter = null } = await send(services, delivery)
    const at = services.now()
    if (error === null) return { id, at, status, error, state: 'delivered', nextAttemptAt: null }
    const delay = status === 410 ? null : retryDelay(delivery.attempts, retryAfter, services.random)
    const nextAttemptAt = delay === null ? null : new Date(at.getTime() + delay)
    return { id, at, status, error, state: nextAttemptAt ? 'pending' : 'failed', nextAttemptAt }
  } catch (error) {
    // The database, or a secret that cannot be decrypted: says nothing about the receiver.
    services.log('error', 'webhook_not_sent', { delivery: id, error: describeError(error) })
    const failure = { id, at: null, status: null, error: internalError(error) }
    if (error instanceof SealBroken) return { ...failure, state: 'failed', nextAttemptAt: null }
    const nextAttemptAt = new Date(services.now().getTime() + INTERNAL_ERROR_DELAY_MS)
    return { ...failure, state: 'pending', nextAttemptAt }
  }
}

/** Throws only on an internal error, never because of the receiver. */
async function send(services: Services, delivery: DeliveryRecord): Promise<SendResult> {
  const now = services.now()
  const target = await services.store.webhooks.secretsOf(delivery.webhookId, now)
  if (!target) return { status: null, error: 'The webhook was deleted.' }
  // The settings may have become stricter since the webhook was saved.
  if (!checkAddress(target.url, services.settings).ok) {
    return { status: null, error: 'The address is no longer allowed. Enter a different one.' }
  }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Mailgrant',
    ...(await signatureHeaders(delivery, target.secrets, now)),
  }
  const result = await post(services, target.url, headers, delivery.payload)
  if (result.status === 410) await disable(services, delivery, target.url)
  return result
}

async function post(
  services: Services,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<SendResult> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const init = { method: 'POST', headers, body, redirect: 'manual', signal } as const
    const response = await services.fetch(url, init)
    const { status, ok } = response
    // The body is not used, and may be long.
    await response.body?.cancel().catch(() => {})
    const header = response.headers.get('retry-after')
    const retryAfter = parseRetryAfter(header, services.now(), MAX_DELAY_MS / SECOND_MS)
    return { status, error: ok ? null : describeStatus(status), retryAfter }
  } catch (error) {
    return { status: null, error: describeFetchError(error) }
  }
}

const describeStatus = (status: number) =>
  status >= 300 && status < 400
    ? 'The receiver responded with a redirect, which is not followed. Enter the final address.'
    : `The receiver responded with ${status}. Only a status from 200 to 299 confirms the delivery.`

function describeFetchError(error: unknown): string {
  const timeout = error instanceof Error && error.name === 'TimeoutError'
  return timeout
    ? 'The receiver did not respond within 15 seconds.'
    : 'The receiver could not be reached.'
}

function internalError(error: unknown): string {
  if (error instanceof KeyMissing) {
    return `Not sent yet: the encryption key "${error.kid}" is missing.`
  }
  return error instanceof SealBroken
    ? 'Given up: the signing secret is damaged. Add the webhook again.'
    : 'Not sent yet because of an internal error. Delivery will be retried.'
}

const GONE =
  'Given up: the webhook was switched off after its receiver responded to another message with 410.'

/** Switches the webhook off: 410 means that the receiver wants no more messages (Standard Webhooks). */
async function disable(services: Services, { webhookId }: DeliveryRecord, url: string) {
  const actor = { type: 'system', id: null } as const
  const event = newEvent(services, { actor }, 'webhook.disabled', webhookId, { status: 410 })
  await services.store.webhooks.disable(webhookId, url, GONE, services.now(), event)
}
