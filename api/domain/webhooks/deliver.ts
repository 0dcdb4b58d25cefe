/**
 * Tells the webhooks: makes messages of new events, then sends what is due. Safe to run twice at once,
 * and a run that dies half-way is made up for by the next; a message may then come twice, with one id.
 */

import { MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import { describeError } from '../../log.ts'
import { KeyMissing, SealBroken } from '../../model/sealing.ts'
import type { DeliveryAttempt, DeliveryRecord } from '../../model/webhook.ts'
import { parseRetryAfter } from '../../retry-after.ts'
import type { Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { checkAddress } from './address.ts'
import { MAX_WAIT_MS, waitAfter } from './backoff.ts'
import { eventMessage } from './message.ts'
import { signatureHeaders } from './sign.ts'

/** After a fault of our own, which does not count. */
const INTERNAL_ERROR_WAIT_MS = 5 * MINUTE_MS
/** A receiver takes the message and works on it later. */
const TIMEOUT_MS = 15 * SECOND_MS
/** Longer than an attempt. */
const LEASE_MS = MINUTE_MS
/** Workers open six connections at once. */
const AT_ONCE = 6
/** So many times `AT_ONCE` in a run; what is left comes with the next. */
const ROUNDS = 20

/** Never throws: what cannot be sent is tried again. */
export async function deliverWebhooks(services: Services): Promise<void> {
  const { deliveries } = services.store
  try {
    await enqueueMessages(services)
    const skippedWebhooks = new Set<string>()
    for (let round = 0; round < ROUNDS; round += 1) {
      const taken = await deliveries.lease(AT_ONCE, services.now(), LEASE_MS, [...skippedWebhooks])
      if (taken.length === 0) return
      const attempts = await Promise.all(taken.map((one) => attempt(services, one)))
      await deliveries.record(attempts)
      // One that lets everybody wait must not take the time of the others, and one that is overloaded
      // needs a rest: the next run asks it again.
      for (const [index, { status }] of attempts.entries()) {
        if (status === null || isOverloaded(status))
          skippedWebhooks.add(taken[index]?.webhookId ?? '')
      }
    }
  } catch (error) {
    services.log('error', 'webhooks_failed', { error: describeError(error) })
  }
}

/** Queues the messages about events that webhooks have not been notified of. */
export async function enqueueMessages({ store, now }: Services): Promise<void> {
  const pending = await store.deliveries.pendingEvents()
  const messages = pending.map((one) => ({ eventId: one.event.id, payload: eventMessage(one) }))
  await store.deliveries.enqueue(messages, now())
}

const isOverloaded = (status: number) => status === 429 || status >= 500

/** `retryAfter` in seconds, as far as the receiver named one. */
type Answer = { status: number | null; error: string | null; retryAfter?: number | null }

async function attempt(services: Services, delivery: DeliveryRecord): Promise<DeliveryAttempt> {
  const { id } = delivery
  try {
    const { status, error, retryAfter = null } = await send(services, delivery)
    const at = services.now()
    if (error === null) return { id, at, status, error, state: 'delivered', nextAttemptAt: null }
    const wait = status === 410 ? null : waitAfter(delivery.attempts, retryAfter, services.random)
    const nextAttemptAt = wait === null ? null : new Date(at.getTime() + wait)
    return { id, at, status, error, state: nextAttemptAt ? 'pending' : 'failed', nextAttemptAt }
  } catch (error) {
    // The database, or a secret that does not open: it says nothing about the receiver.
    services.log('error', 'webhook_not_sent', { delivery: id, error: describeError(error) })
    const own = { id, at: null, status: null, error: internalError(error) }
    if (error instanceof SealBroken) return { ...own, state: 'failed', nextAttemptAt: null }
    const nextAttemptAt = new Date(services.now().getTime() + INTERNAL_ERROR_WAIT_MS)
    return { ...own, state: 'pending', nextAttemptAt }
  }
}

/** Throws where the fault is our own. */
async function send(services: Services, delivery: DeliveryRecord): Promise<Answer> {
  const now = services.now()
  const target = await services.store.webhooks.secretsOf(delivery.webhookId, now)
  if (!target) return { status: null, error: 'The webhook was deleted.' }
  // The settings may have become stricter since it was saved.
  if (!checkAddress(target.url, services.settings).ok) {
    return { status: null, error: 'Its address is not allowed any more. Enter another one.' }
  }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Mailgrant',
    ...(await signatureHeaders(delivery, target.secrets, now)),
  }
  const answer = await post(services, target.url, headers, delivery.payload)
  if (answer.status === 410) await disable(services, delivery, target.url)
  return answer
}

async function post(
  services: Services,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const init = { method: 'POST', headers, body, redirect: 'manual', signal } as const
    const response = await services.fetch(url, init)
    const { status, ok } = response
    // What it says is nobody's concern, and might be long.
    await response.body?.cancel().catch(() => {})
    const asked = response.headers.get('retry-after')
    const retryAfter = parseRetryAfter(asked, services.now(), MAX_WAIT_MS / SECOND_MS)
    return { status, error: ok ? null : describeStatus(status), retryAfter }
  } catch (error) {
    return { status: null, error: reason(error) }
  }
}

const describeStatus = (status: number) =>
  status >= 300 && status < 400
    ? 'It answered with a redirect, which is not followed. Enter the final address.'
    : `It answered ${status}; a status from 200 to 299 takes the message.`

function reason(error: unknown): string {
  const timeout = error instanceof Error && error.name === 'TimeoutError'
  return timeout ? 'It did not answer within 15 s.' : 'It could not be reached.'
}

function internalError(error: unknown): string {
  if (error instanceof KeyMissing) {
    return `Not sent yet: the encryption key "${error.kid}" is missing.`
  }
  return error instanceof SealBroken
    ? 'Given up: its secret is damaged. Register the webhook anew.'
    : 'Not sent yet: Mailgrant itself had a fault. It is tried again.'
}

const GONE = 'Given up: the webhook was switched off when another message was answered 410.'

/** Standard Webhooks: 410 means that the receiver wants no more. */
async function disable(services: Services, { webhookId }: DeliveryRecord, url: string) {
  const actor = { type: 'system', id: null } as const
  const event = newEvent(services, { actor }, 'webhook.disabled', webhookId, { status: 410 })
  await services.store.webhooks.disable(webhookId, url, GONE, services.now(), event)
}
