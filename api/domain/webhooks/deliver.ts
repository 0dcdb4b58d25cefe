/**
 * Webhook delivery: queues messages about new events, then sends those that are due. Each endpoint has
 * its own turn, connections and pauses, so that none delays another. Runs may overlap,
 * and the next run completes an interrupted one; a message may then arrive twice, with the same id.
 */
import { MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import { describeError } from '../../log.ts'
import { KeyMissing, SealBroken } from '../../model/storage.ts'
import {
  type DeliveryAttempt,
  type Endpoint,
  type LeasedDelivery,
  PACE_MS,
  type SendTarget,
} from '../../model/webhook.ts'
import type { Services } from '../../services.ts'
import { type Budget, createBudget } from '../budget.ts'
import { newEvent } from '../events.ts'
import { retryOnStorageError } from '../write-with-retry.ts'
import { MAX_LINES } from './alerts/alert.ts'
import { sendAlert } from './alerts/send-alert.ts'
import { type Connections, createConnections, type Share } from './connections.ts'
import { GIVE_UP_MS, HEALTHY, healthAfter, isSuspect, pausedUntil, retryDelay } from './health.ts'
import { eventMessage } from './message.ts'
import { type SendResult, send } from './send.ts'

/** Limits of a run, within those of its invocation. */
type Limits = {
  /** Time in which requests are started; the last ones may take another 15 seconds. */
  sendMs: number
  events: number
  /** Skips endpoints that another run is sending to. */
  onlyIdle: boolean
}

/** Runs start every minute, so one ends about when the next one starts. */
const SCHEDULED: Limits = { sendMs: 55 * SECOND_MS, events: 10_000, onlyIdle: false }
/** Work may continue for 30 seconds after a response. If many requests end at once, not all of them send. */
const AFTER_REQUEST: Limits = { sendMs: 10 * SECOND_MS, events: 100, onlyIdle: true }

/** Most sends of a run, since an invocation may have 10,000 subrequests. */
const SENDS = 8000
const EVENTS_PER_ROUND = 1000
/** Queries of a full round: one reads it, ten insert its messages, one marks it. */
const QUERIES_PER_ROUND = 12
/** Endpoints per run; the next run starts with the one that has waited longest. */
const ENDPOINTS = 100
/** Requests at a time to one endpoint, of the six that an invocation may have open. */
const CONNECTIONS_PER_ENDPOINT = 2
/** Messages leased at once. Their outcome is recorded together, about every five seconds if an endpoint is quick. */
const BATCH = 100
/** Queries of a batch: lease, read the secrets, record health and outcome, release, give up. */
const QUERIES_PER_BATCH = 6
/** Delay after an internal error, which does not count as an attempt. */
const INTERNAL_ERROR_DELAY_MS = 5 * MINUTE_MS
/** Most messages that are sent to people as one. */
const GATHERED = 1000
/** Queries of a message for people: those of a batch, claim, disable (3), its accounts. */
const QUERIES_PER_ALERT = QUERIES_PER_BATCH + 4 + 3 * MAX_LINES
/** Messages given up at once. */
const GIVE_UP_LIMIT = 1000

type Run = {
  services: Services
  deadline: Date
  connections: Connections
  /** Time used by the endpoints of each customer. */
  customers: Map<string | null, Share['customer']>
  queries: Budget
  sends: Budget
  ending: AbortSignal | undefined
}

/**
 * An endpoint's turn in a run. `ended`: nothing more is sent to it in this run. `requested`: by a person,
 * even if the endpoint keeps failing.
 */
type Turn = Endpoint & { share: Share; ended: boolean; requested: boolean }

/** Delivers what is due, every minute, until `ending` is aborted. Never throws, since the next run retries. */
export const deliverWebhooks = (services: Services, ending?: AbortSignal): Promise<void> =>
  deliver(services, SCHEDULED, ending)

/** Sends what a request has caused, after its response. The schedule sends the rest. Never throws. */
export const deliverAfterRequest = (services: Services): Promise<void> =>
  deliver(services, AFTER_REQUEST)

async function deliver(services: Services, limits: Limits, ending?: AbortSignal): Promise<void> {
  const { deliveries } = services.store
  await loggingErrors(services, async () => {
    const run = startRun(services, limits, ending)
    await enqueueAll(run, limits.events)
    const endpoints = await deliveries.dueEndpoints(services.now(), ENDPOINTS, limits.onlyIdle)
    await Promise.all(
      endpoints.map((endpoint) =>
        loggingErrors(services, () => deliverQueue(run, startTurn(run, endpoint))),
      ),
    )
  })
}

/**
 * Sends a message now, ahead of those that wait, because a person asked for it. Only `Retry-After` delays
 * it. Never throws: the next run sends it otherwise.
 */
export const deliverMessage = (
  services: Services,
  webhook: Pick<Endpoint, 'id' | 'customer' | 'type'>,
  id: string,
): Promise<void> =>
  loggingErrors(services, async () => {
    const run = startRun(services, AFTER_REQUEST)
    const { id: webhookId, customer, type } = webhook
    const turn = startTurn(run, { id: webhookId, customer, type, health: HEALTHY }, true)
    await deliverBatch(run, turn, await lease(services, turn, 1, id))
  })

async function loggingErrors(services: Services, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    services.log('error', 'webhooks_failed', { error: describeError(error) })
  }
}

const startRun = (services: Services, { sendMs }: Limits, ending?: AbortSignal): Run => ({
  services,
  deadline: new Date(services.now().getTime() + sendMs),
  connections: createConnections(services),
  customers: new Map(),
  queries: createBudget(services.runLimits.queries, () => Boolean(ending?.aborted)),
  sends: createBudget(SENDS, () => Boolean(ending?.aborted)),
  ending,
})

function startTurn({ customers }: Run, endpoint: Endpoint, requested = false): Turn {
  const customer = customers.get(endpoint.customer) ?? { usedMs: 0 }
  customers.set(endpoint.customer, customer)
  const share = { usedMs: 0, suspect: isSuspect(endpoint.health), customer }
  return { ...endpoint, share, ended: false, requested }
}

async function enqueueAll({ services, queries }: Run, limit: number): Promise<void> {
  for (let left = limit; left > 0 && queries.take(QUERIES_PER_ROUND); left -= EVENTS_PER_ROUND) {
    const round = Math.min(left, EVENTS_PER_ROUND)
    if ((await enqueueMessages(services, round)) < round) return
  }
}

/** Queues a message for each event that webhooks have not been notified of. Returns how many. */
export async function enqueueMessages({ store, now }: Services, limit = EVENTS_PER_ROUND) {
  const pending = await store.deliveries.pendingEvents(limit)
  const messages = pending.map((entry) => ({
    eventId: entry.event.id,
    payload: eventMessage(entry),
  }))
  await store.deliveries.enqueue(messages, now())
  return pending.length
}

/** Sends what is due to one endpoint, batch by batch. */
async function deliverQueue(run: Run, turn: Turn): Promise<void> {
  const { services, deadline } = run
  const { now } = services
  const gathers = turn.type !== 'standard'
  const queries = gathers ? QUERIES_PER_ALERT : QUERIES_PER_BATCH
  while (!turn.ended && now() < deadline && run.queries.take(queries)) {
    const limit = gathers ? GATHERED : isSuspect(turn.health) ? 1 : BATCH
    const leased = await lease(services, turn, limit)
    const released = await deliverBatch(run, turn, leased)
    if (leased.length < limit && released === 0) return
    const pause = pausedUntil(turn.health, now())
    if (pause && (pause >= deadline || run.ending?.aborted)) return
    if (pause) await services.pause(pause.getTime() - now().getTime(), run.ending)
  }
}

/**
 * Leases messages that are due, the oldest first, or one of them (`only`). Those for people are sent as one message, at
 * most one a minute.
 */
async function lease(
  { store, now }: Services,
  { id, type }: Turn,
  limit: number,
  only: string | null = null,
): Promise<LeasedDelivery[]> {
  const at = now()
  const next = new Date(at.getTime() + PACE_MS)
  if (type !== 'standard' && !(await store.webhooks.claimMessage(id, at, next))) return []
  return store.deliveries.lease(id, limit, at, only)
}

/** Sends leased messages until the endpoint has to be paused, and records the outcome. Returns how many it released. */
async function deliverBatch(run: Run, turn: Turn, leased: readonly LeasedDelivery[]) {
  if (leased.length === 0) return 0
  const { services } = run
  const { deliveries, webhooks } = services.store
  let target: SendTarget | null
  try {
    target = await webhooks.secretsOf(turn.id, services.now())
  } catch (error) {
    turn.ended = true
    const postponed = notSent(services, turn.id, leased, error)
    await record(services, null, () => deliveries.record(postponed, []))
    return 0
  }
  // The webhook was deleted with its messages.
  if (!target) return 0
  const attempts = await sendBatch(run, turn, leased, target)
  const made = new Set(attempts.map(({ id }) => id))
  const unsent = leased.filter(({ id }) => !made.has(id))
  const health = turn.health === target.health ? null : { ...turn, url: target.url }
  await record(services, health, () => deliveries.record(attempts, unsent))
  const last = attempts.find(({ status }) => isGone(turn.type, status))
  if (last) await disable(services, turn, target.url, last.status)
  await giveUpOverdue(services, turn)
  return unsent.length
}

async function sendBatch(
  run: Run,
  turn: Turn,
  leased: readonly LeasedDelivery[],
  target: SendTarget,
): Promise<DeliveryAttempt[]> {
  const { services } = run
  const { now } = services
  const { health } = target
  turn.health = turn.requested && isSuspect(health) ? { ...health, backoffUntil: now() } : health
  const attempts: DeliveryAttempt[] = []
  const queue = turn.type === 'standard' ? leased.map((one) => [one]) : [leased]

  /** Sends the next message, or all for people as one. Returns false if there is none, or it must not be sent now. */
  async function sendNext(): Promise<boolean> {
    if (turn.ended || now() >= run.deadline || pausedUntil(turn.health, now())) return false
    const messages = queue.shift() ?? []
    const [first] = messages
    if (!first) return false
    if (!run.sends.take(1)) {
      turn.ended = true
      return false
    }
    try {
      const result =
        turn.type === 'standard'
          ? await send(services, target, first)
          : await sendAlert(services, target, messages)
      turn.health = healthAfter(turn.health, result, now())
      turn.share.suspect = isSuspect(turn.health)
      attempts.push(...outcomes(services, turn.type, messages, result))
      if (isGone(turn.type, result.status)) turn.ended = true
    } catch (error) {
      turn.ended = true
      attempts.push(...notSent(services, turn.id, messages, error))
    }
    return true
  }

  const sender = async () => {
    while (queue.length > 0 && (await run.connections(turn.share, sendNext)));
  }
  const senders = isSuspect(turn.health) ? 1 : CONNECTIONS_PER_ENDPOINT
  await Promise.all(Array.from({ length: senders }, sender))
  return attempts
}

/** Returns true for 410 (Standard Webhooks), or 404 from Slack and Teams, whose URL was removed. */
const isGone = (type: Endpoint['type'], status: number | null) =>
  status === 410 || (status === 404 && type !== 'standard')

/** Returns the outcome of messages that were sent as one. Those that are retried are sent as one again. */
function outcomes(
  { now, random }: Services,
  type: Endpoint['type'],
  messages: readonly LeasedDelivery[],
  { status, error, retryAfter = null, isFinal = isGone(type, status) }: SendResult,
): DeliveryAttempt[] {
  const at = now()
  const chance = random(1)
  return messages.map(({ id, attempts, leaseExpiresAt }) => {
    const attempt = { id, leaseExpiresAt, at, status, error }
    if (error === null) return { ...attempt, state: 'delivered', nextAttemptAt: null }
    const delay = isFinal ? null : retryDelay(attempts, retryAfter, () => chance)
    const nextAttemptAt = delay === null ? null : new Date(at.getTime() + delay)
    return { ...attempt, state: nextAttemptAt ? 'pending' : 'failed', nextAttemptAt }
  })
}

/** Postpones messages because of an error that says nothing about the receiver. */
function notSent(
  services: Services,
  webhook: string,
  leased: readonly LeasedDelivery[],
  cause: unknown,
): DeliveryAttempt[] {
  const error = describeError(cause)
  services.log('error', 'webhook_not_sent', { webhook, count: leased.length, error })
  const attempt = { at: null, status: null, error: internalError(cause) }
  const later = new Date(services.now().getTime() + INTERNAL_ERROR_DELAY_MS)
  return leased.map(({ id, leaseExpiresAt }) =>
    cause instanceof SealBroken
      ? { id, leaseExpiresAt, ...attempt, state: 'failed', nextAttemptAt: null }
      : { id, leaseExpiresAt, ...attempt, state: 'pending', nextAttemptAt: later },
  )
}

function internalError(error: unknown): string {
  if (error instanceof KeyMissing) {
    return `Not sent yet: the encryption key "${error.kid}" is missing.`
  }
  return error instanceof SealBroken
    ? 'Given up: the signing secret is damaged. Add the webhook again.'
    : 'Not sent yet because of an internal error. Delivery will be retried.'
}

/** Records health and outcome. Retries, because messages whose outcome is lost are sent again. */
const record = (
  services: Services,
  health: (Endpoint & { url: string }) | null,
  write: () => Promise<void>,
): Promise<void> =>
  retryOnStorageError(services, async () => {
    // The health comes first, so that no other run takes up these messages without knowing of the pause.
    if (health) await services.store.webhooks.recordHealth(health.id, health.url, health.health)
    await write()
  })

/** Gives up messages that were due as long as an endpoint has been failing. */
async function giveUpOverdue({ store, now }: Services, { id, health }: Turn): Promise<void> {
  const limit = new Date(now().getTime() - GIVE_UP_MS)
  if (!isSuspect(health) || !health.failingSince || health.failingSince > limit) return
  await store.deliveries.giveUp(id, limit, GIVE_UP_LIMIT, OVERDUE)
}

const OVERDUE = 'Given up: the endpoint has been failing for three days.'
const goneText = (status: number | null) =>
  `Given up: it was switched off after its receiver responded to another message with ${status}.`

/** Switches the webhook off, because its receiver is gone. */
async function disable(services: Services, turn: Turn, url: string, status: number | null) {
  const actor = { type: 'system', id: null } as const
  const event = newEvent(services, { actor }, 'webhook.disabled', turn, { status })
  await services.store.webhooks.disable(turn.id, url, goneText(status), services.now(), event)
}
