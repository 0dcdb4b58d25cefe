/**
 * Refreshes idle grants, since Microsoft expires a refresh token after 90 unused days, and retries failed tokens that
 * are due. The first goes alone, to see whether Microsoft accepts the credential. A few failures of Microsoft in a row
 * end the run, and the first success after an outage brings the waiting tokens forward.
 */
import { DAY_MS, MINUTE_MS } from '../../../../schema/durations.ts'
import { describeError } from '../../../log.ts'
import type { TokenRefusal } from '../../../model/reason.ts'
import type { Result } from '../../../model/result.ts'
import { KeyMissing, SealBroken } from '../../../model/storage.ts'
import type { Services } from '../../../services.ts'
import { isConfigured } from '../../app/integration.ts'
import { type Budget, processQueue } from '../../budget.ts'
import { fetchAppToken } from '../../tokens/app-only.ts'
import { refreshGrant } from '../../tokens/delegated.ts'
import type { UsableToken } from '../../tokens/engine.ts'
import type { Task } from './task.ts'

/** Time after which an unused grant is refreshed. Leaves 70 days for a backlog, an outage, or an expired credential. */
export const IDLE_MS = 20 * DAY_MS
/** 115,200 a day: 100,000 grants that are due at once take 21 hours. */
const IDLE_GRANTS = 80
/** Increased by the turns that idle grants leave unused. */
const RETRIES = 30
/** App-only tokens that one run retries. Enough for one organisation, which has few tenants. */
const APP_RETRIES = 10
/** Queries of one token: the lease with the settings, the writes of grant and token with their event, a retry. */
const COST = 5
/** Time within which all grants that wait for the end of an outage are retried after it. */
const RECOVERY_MS = 5 * MINUTE_MS
/** Grants that one run brings forward, so that the write is bounded. */
const BROUGHT_FORWARD = 10_000
/** Failures of Microsoft in a row that end the run. */
const MAX_FAILURES_IN_A_ROW = 3

/** Refreshes up to 110 grants. `count`: refreshes that succeeded. */
export const refreshGrants: Task = async (services, call, budget, integration) => {
  budget.take(5)
  if (!integration.active || !isConfigured(integration)) return { count: 0, more: false }
  const now = services.now()
  const { maintenance } = services.store
  const [idle, failed] = await Promise.all([
    maintenance.idleGrants(integration, new Date(now.getTime() - IDLE_MS), IDLE_GRANTS + 1),
    maintenance.failedGrants(integration, now, IDLE_GRANTS + RETRIES + 1),
  ])
  const due = idle.slice(0, IDLE_GRANTS)
  const retries = IDLE_GRANTS - due.length + RETRIES
  const queue = [...due, ...failed.slice(0, retries)]
  const count = await refreshEach(services, budget, queue, (grant) =>
    attempt(services, 'refresh_failed', { grant: grant.id }, refreshGrant(services, call, grant)),
  )
  await maintenance.endOutagePauses(services.now(), RECOVERY_MS, BROUGHT_FORWARD)
  return { count, more: idle.length > IDLE_GRANTS || failed.length > retries || queue.length > 0 }
}

/**
 * Retries app-only tokens that Microsoft refused, so that an account recovers without a call once an administrator has
 * acted. Others need no maintenance, since they are fetched on demand. `count`: tokens that were obtained.
 */
export const retryAppTokens: Task = async (services, call, budget, integration) => {
  if (!integration.active || !isConfigured(integration)) return { count: 0, more: false }
  const due = await services.store.appTokens.due(integration, services.now(), APP_RETRIES + 1)
  const queue = due.slice(0, APP_RETRIES)
  const count = await refreshEach(services, budget, queue, (token) =>
    attempt(
      services,
      'app_token_failed',
      { tenant: token.tenant },
      fetchAppToken(services, call, token),
    ),
  )
  return { count, more: due.length > APP_RETRIES || queue.length > 0 }
}

type TokenResult = Result<UsableToken, TokenRefusal>

/** Returns how many have a new token. The rest remain in the queue. */
async function refreshEach<Item>(
  services: Services,
  budget: Budget,
  queue: Item[],
  refresh: (item: Item) => Promise<TokenResult | null>,
): Promise<number> {
  let refreshed = 0
  let failuresInARow = 0
  const work = async (item: Item) => {
    const result = await refresh(item)
    if (result === null) return 'go on'
    if (result.ok) refreshed += 1
    failuresInARow = !result.ok && isOutage(result.error) ? failuresInARow + 1 : 0
    const refused = !result.ok && STOPS.includes(result.error.code)
    return refused || failuresInARow >= MAX_FAILURES_IN_A_ROW ? 'stop' : 'go on'
  }
  const next = () => (queue.length > 0 && budget.take(COST) ? queue.shift() : undefined)
  const probe = next()
  if (probe && (await work(probe)) === 'go on') {
    await processQueue(next, work, services.runLimits.atOnce)
  }
  return refreshed
}

/** Refusals that every other token would get, too. */
const STOPS: readonly string[] = ['credential_rejected', 'integration_inactive']

/**
 * Returns null when another caller has the lease, or after an error that concerns this token alone. Throws errors that
 * would recur with every token.
 */
async function attempt(
  { store, log }: Services,
  name: string,
  fields: Record<string, string>,
  result: Promise<TokenResult | null>,
): Promise<TokenResult | null> {
  try {
    return await result
  } catch (error) {
    // An error of the database or the credential would recur with every token.
    const recurs = [KeyMissing, SealBroken].some((kind) => error instanceof kind)
    if (recurs || store.isStorageError(error)) throw error
    // One broken token must not block the others.
    log('error', name, { ...fields, error: describeError(error) })
    return null
  }
}

/** Returns true if Microsoft failed or throttled, which says nothing about this token. */
const isOutage = ({ code, facts }: TokenRefusal) =>
  code === 'provider_unavailable' && facts != null && !facts.unconfirmed
