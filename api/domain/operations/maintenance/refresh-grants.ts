/**
 * Refreshes idle grants, since Microsoft expires a refresh token after 90 unused days, and retries failed ones that are
 * due. The first grant goes alone, since it shows whether the credential is good, and without a good one no grant is
 * refreshed. The run ends after a few failures of Microsoft in a row. The grants that were tried are then
 * `cooling_down`, as after any outage, and the rest are left alone. The first success after an outage, whether in a run
 * or in a call, brings the waiting grants forward.
 */

import { DAY_MS, MINUTE_MS } from '../../../../schema/durations.ts'
import { describeError } from '../../../log.ts'
import type { GrantRecord } from '../../../model/grant.ts'
import type { IntegrationRecord } from '../../../model/integration.ts'
import type { TokenRefusal } from '../../../model/reason.ts'
import { KeyMissing, SealBroken } from '../../../model/storage.ts'
import type { Call, Services } from '../../../services.ts'
import { isConfigured } from '../../app/integration.ts'
import { refreshGrant } from '../../tokens/delegated.ts'
import { type Budget, type Outcome, processQueue } from './budget.ts'

/** Time after which an unused grant is refreshed. Leaves 70 days for a backlog, an outage, or an expired credential. */
export const IDLE_MS = 20 * DAY_MS
/** 115,200 a day: 100,000 grants that are due at once take 21 hours. */
const IDLE_GRANTS = 80
/** Increased by the turns that idle grants leave unused. */
const RETRIES = 30
/** Queries of one refresh: the lease with the settings, the writes of grant and token with their event, a retry. */
const COST = 5
/** Further queries of a refusal for a fault of the app, which is recorded with the integration, too. */
const REFUSAL_COST = 3
/** Time within which all grants that wait for the end of an outage are retried after it. */
const RECOVERY_MS = 5 * MINUTE_MS
/** Grants that one run brings forward, so that the write is bounded. */
const BROUGHT_FORWARD = 10_000
/** Failures of Microsoft in a row that end the run. */
const MAX_FAILURES_IN_A_ROW = 3

/** Refreshes up to 110 grants. `count`: refreshes that succeeded. */
export async function refreshGrants(
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
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
  const count = await refreshEach(services, call, budget, queue)
  await maintenance.endOutagePauses(services.now(), RECOVERY_MS, BROUGHT_FORWARD)
  return { count, more: idle.length > IDLE_GRANTS || failed.length > retries || queue.length > 0 }
}

/** Returns how many grants have a new token. The rest remain in the queue. */
async function refreshEach(
  services: Services,
  call: Call,
  budget: Budget,
  queue: GrantRecord[],
): Promise<number> {
  let refreshed = 0
  let failuresInARow = 0
  const work = async (grant: GrantRecord) => {
    const result = await refresh(services, call, grant)
    if (result === null) return 'go on'
    if (result.ok) refreshed += 1
    else budget.take(REFUSAL_COST)
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

/** Refusals that every other grant would get, too. */
const STOPS: readonly string[] = ['credential_rejected', 'integration_inactive']

/**
 * Returns null when another caller is refreshing the grant, or after an error that concerns it alone. Throws errors
 * that would recur with every grant.
 */
async function refresh(services: Services, call: Call, grant: GrantRecord) {
  try {
    return await refreshGrant(services, call, grant)
  } catch (error) {
    // An error of the database or the credential would recur with every grant.
    const recurs = [KeyMissing, SealBroken].some((kind) => error instanceof kind)
    if (recurs || services.store.isStorageError(error)) throw error
    // One broken grant must not block the others.
    services.log('error', 'refresh_failed', { grant: grant.id, error: describeError(error) })
    return null
  }
}

/** Returns true if Microsoft failed or throttled, which says nothing about this grant. */
const isOutage = ({ code, facts }: TokenRefusal) =>
  code === 'provider_unavailable' && facts != null && !facts.unconfirmed
