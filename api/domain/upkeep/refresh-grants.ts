/**
 * Keeps grants alive that nobody uses: Microsoft ends a refresh token after 90 unused days. And tries
 * again those that failed, once their time has come. The first one asks alone: it tells whether the
 * credential is good, and no grant is asked for while it is not. When Microsoft fails a few times in
 * a row the run ends: those that were asked are `cooling_down` as after any outage and come again by
 * themselves, those that were not are left as they are.
 */

import type { FailureFacts } from '../../../schema/failure.ts'
import { describeError } from '../../log.ts'
import type { GrantRecord } from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { KeyMissing, SealBroken } from '../../model/sealing.ts'
import type { Refusal } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { isStorageError } from '../../store/database.ts'
import { isConfigured } from '../integration/integration.ts'
import { refreshOnce } from '../tokens/refresh.ts'
import { type Budget, inTurns, type Outcome } from './budget.ts'

const DAY = 86_400_000
/** Leaves 70 days for a backlog, an outage, or a credential that nobody renews. */
const IDLE = 20 * DAY
/** 1,920 a day: 10,000 grants that fall due at once are done in 6 days, 100,000 in 53. */
const IDLE_GRANTS = 80
/** And as many more as idle grants leave turns. */
const RETRIES = 30
/** The lease, the settings, the credential, the call to Entra, the store with its event. */
const COST = 6
const OUTAGE_AFTER = 3

export async function refreshGrants(
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
  budget.take(2)
  if (!integration.active || !isConfigured(integration)) return { count: 0, more: false }
  const now = services.now()
  const { upkeep } = services.store
  const [idle, failed] = await Promise.all([
    upkeep.idleGrants(integration, new Date(now.getTime() - IDLE), now, IDLE_GRANTS + 1),
    upkeep.failedGrants(integration, now, IDLE_GRANTS + RETRIES + 1),
  ])
  const chosen = idle.slice(0, IDLE_GRANTS)
  const retries = IDLE_GRANTS - chosen.length + RETRIES
  const queue = [...chosen, ...failed.slice(0, retries)]
  const count = await askForEach(services, call, budget, queue)
  return { count, more: idle.length > IDLE_GRANTS || failed.length > retries || queue.length > 0 }
}

/** How many have a new token now. What was not reached stays in the queue. */
async function askForEach(
  services: Services,
  call: Call,
  budget: Budget,
  queue: GrantRecord[],
): Promise<number> {
  let refreshed = 0
  let failuresInARow = 0
  const work = async (grant: GrantRecord) => {
    const result = await ask(services, call, grant)
    if (result === null) return 'go on'
    if (result.ok) refreshed += 1
    failuresInARow = !result.ok && isOutage(result.error) ? failuresInARow + 1 : 0
    const refused = !result.ok && STOPS.includes(result.error.code)
    return refused || failuresInARow >= OUTAGE_AFTER ? 'stop' : 'go on'
  }
  const next = () => (queue.length > 0 && budget.take(COST) ? queue.shift() : undefined)
  const probe = next()
  if (probe && (await work(probe)) === 'go on') await inTurns(next, work)
  return refreshed
}

const STOPS: readonly string[] = ['credential_rejected', 'integration_inactive']

/** Null when nothing was learned: somebody else is at it, or the row is damaged. */
async function ask(services: Services, call: Call, grant: GrantRecord) {
  try {
    return await refreshOnce(services, call, grant)
  } catch (error) {
    // Of the database or the credential: it would be the same with every grant.
    const forAll = [KeyMissing, SealBroken].some((kind) => error instanceof kind)
    if (forAll || isStorageError(error)) throw error
    // What ails one grant must not keep the others from their turn.
    services.log('error', 'refresh_failed', { grant: grant.id, error: describeError(error) })
    return null
  }
}

const OUTAGES: readonly (FailureFacts['kind'] | undefined)[] = [
  'unreachable',
  'timeout',
  'throttled',
  'unavailable',
  'nonsense',
]

/** A refusal with a reason, even a passing one, is about this grant or its tenant. */
const isOutage = ({ code, facts }: Refusal) =>
  code === 'provider_unavailable' && OUTAGES.includes(facts?.kind)
