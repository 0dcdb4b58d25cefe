/** The readiness of a deployment: database, key ring, checker, maintenance, and Microsoft's login host. */
import { SECOND_MS } from '../../../schema/durations.ts'
import type { Readiness } from '../../../schema/health.ts'
import type { CheckerReadiness } from '../../checker-client.ts'
import type { Services } from '../../services.ts'
import { lastingOutage } from '../app/outage.ts'
import { findBacklogs } from './maintenance/backlog.ts'

type Check = Readiness['checks']['database']

/** Age up to which a result is shared, since anyone can request it and a check takes several queries. */
const SHARED_FOR_MS = 2 * SECOND_MS
/** Time for which other requests wait for a check. In workerd, the check ends with the request that began it. */
const CHECK_MS = 5 * SECOND_MS
const WAIT_MS = 25

type Shared = { checkingSince: number | null; latest: { result: Readiness; at: number } | null }

const sharedResults = new WeakMap<Services, Shared>()

/**
 * Returns a result that is at most two seconds old. Requests share the result and not its promise, since in workerd a
 * promise belongs to the request that made it.
 */
export async function readSharedReadiness(services: Services): Promise<Readiness> {
  const shared = sharedResults.get(services) ?? { checkingSince: null, latest: null }
  sharedResults.set(services, shared)
  const isChecked = () => {
    const age = shared.checkingSince === null ? -1 : services.now().getTime() - shared.checkingSince
    return age >= 0 && age < CHECK_MS
  }
  while (isChecked()) await services.pause(WAIT_MS)
  const { latest } = shared
  const age = latest === null ? -1 : services.now().getTime() - latest.at
  if (latest !== null && age >= 0 && age < SHARED_FOR_MS) return latest.result
  shared.checkingSince = services.now().getTime()
  try {
    const result = await readiness(services)
    shared.latest = { result, at: services.now().getTime() }
    return result
  } finally {
    shared.checkingSince = null
  }
}

/** Checks every part now. */
export async function readiness(services: Services): Promise<Readiness> {
  const [database, keyRing, checker, maintenance, microsoft] = await Promise.all([
    checkDatabase(services),
    checkKeyRing(services),
    checkChecker(services),
    checkMaintenance(services),
    checkMicrosoft(services),
  ])
  const checks = { database, key_ring: keyRing, checker, maintenance, microsoft }
  const statuses = Object.values(checks).map(({ status }) => status)
  const status = SEVERITY.find((one) => statuses.includes(one)) ?? 'ok'
  return { status, checks }
}

const SEVERITY = ['failed', 'degraded'] as const

const passed: Check = { status: 'ok' }

async function checkDatabase({ store, databaseHealth }: Services): Promise<Check> {
  try {
    const [problem] = await Promise.all([databaseHealth.findProblem(), store.maintenance.ping()])
    return problem ?? passed
  } catch (error) {
    return { status: 'failed', detail: databaseHealth.explain(error) }
  }
}

/** Checks that the newest key works and that the ring lacks none. The ids of missing keys are not secret. */
async function checkKeyRing({ store }: Services): Promise<Check> {
  const context = { table: 'readiness', row: 'probe', column: 'probe' }
  try {
    const opened = await store.sealer.open(await store.sealer.seal('probe', context), context)
    if (opened !== 'probe') return broken
  } catch {
    return broken
  }
  // A failing database is reported by its own check.
  const inUse = await store.keyRing.kidsInUse().catch(() => [])
  const missing = inUse.filter((kid) => !store.sealer.kids.includes(kid))
  return missing.length === 0 ? passed : { status: 'failed', detail: missingKeys(missing) }
}

const broken: Check = {
  status: 'failed',
  detail: 'The newest key of ENCRYPTION_KEYS does not work.',
}

const missingKeys = (kids: string[]) =>
  `ENCRYPTION_KEYS lacks ${kids.map((kid) => `"${kid}"`).join(', ')}, which encrypted stored data. Add the missing keys again: no data is lost, but it cannot be decrypted without them.`

/** Checks the checker without showing its URL. It never fails the deployment, since tokens don't depend on it. */
async function checkChecker({ checker }: Services): Promise<Check> {
  const state = await checker.readiness()
  return state === 'ready' ? passed : { status: 'degraded', detail: CHECKER_FAILURES[state] }
}

const CHECKER_FAILURES: Record<Exclude<CheckerReadiness, 'ready'>, string> = {
  not_ready: 'The checker is not ready, because it is shutting down.',
  wrong_key:
    'The checker cannot open our messages. Give it the first key of the CHECKER_KEY that is set here.',
  wrong_clock:
    'The clocks of the checker and of this service differ, so the checker refuses our messages. Synchronise the clock of the checker.',
  malformed:
    'The server at CHECKER_URL is not a checker of this version with the same CHECKER_KEY. Check the address, and upgrade the checker.',
  unreachable: 'The checker does not respond at CHECKER_URL.',
}

/** Checks that the maintenance keeps up. It never fails the deployment, since tokens don't depend on it. */
async function checkMaintenance({ store, now, log }: Services): Promise<Check> {
  try {
    const [tasks, idleSince] = await Promise.all([
      store.maintenanceRuns.read(),
      store.grants.readIdleSince(),
    ])
    const sentences = findBacklogs(tasks, idleSince, now())
    if (sentences.length === 0) return passed
    const detail = sentences.join(' ')
    log('warn', 'maintenance_behind', { detail })
    return { status: 'degraded', detail }
  } catch {
    // A failing database is reported by its own check.
    return passed
  }
}

/** Reports a lasting outage. It never fails the deployment, since stored tokens are issued until they expire. */
async function checkMicrosoft({ store }: Services): Promise<Check> {
  // A failing database is reported by its own check.
  const integration = await store.integrations.read().catch(() => null)
  const outage = integration && lastingOutage(integration)
  if (!outage) return passed
  const { detail, since } = outage
  return { status: 'degraded', detail: `Microsoft has not responded since ${since}. ${detail}` }
}
