/**
 * D1 faults at every call of every operation: before it was applied, or after it with the response lost, once
 * or twice in a row. The client repeats what gets 503. Afterwards the database must hold what a
 * healthy run leaves: nothing lost, nothing twice.
 */
import { env } from 'cloudflare:workers'
import openapi from '../../schema/openapi.json' with { type: 'json' }
import { createMailWorld, type MailWorld } from '../api/mail-world.ts'
import { D1_MESSAGES, type D1Fault, type FaultyD1, faultyD1 } from './d1-faults.ts'
import { createTally, type Kind, type Size } from './kinds.ts'
import { jumpingPause } from './pause.ts'
import { managementOperations } from './storage-management.ts'
import { type Operation, operations } from './storage-operations.ts'

const ATTEMPTS = 4
const HOUR = 3600

/** Numbers of rows by table, and of events by type. */
type Snapshot = Record<string, number>

export async function storageFaults(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const covered = new Set<string>()
  for (const operation of [...operations, ...managementOperations]) {
    const healthy = await healthyRun(operation)
    for (const route of healthy.routes) covered.add(route)
    for (const fault of faultsOf(healthy.calls, size)) {
      await tally.trial(operation.name, async () => {
        const failures = await trial(operation, fault, healthy)
        const { call, calls, moment, message } = fault
        return failures.map(
          (failure) =>
            `${calls} failing from call ${call} of ${healthy.calls}, ${moment}, "${message}": ${failure}`,
        )
      })
    }
  }
  await tally.trial('operations of the document', async () =>
    documentedRoutes.filter((route) => !covered.has(route)).map((route) => `${route} is not tried`),
  )
  return tally.kinds()
}

/**
 * Routes that are not tried: two report the state of the database instead of depending on it, and one has the
 * console's name in the log.
 */
const NOT_TRIED = ['GET /healthz', 'GET /readyz', 'GET /console/session']

const documentedRoutes = Object.entries(openapi.paths)
  .flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    ),
  )
  .filter((route) => !NOT_TRIED.includes(route))

/** Lists the faults of an operation that makes this number of calls. */
function faultsOf(calls: number, size: Size): (D1Fault & { calls: number })[] {
  const messages = size === 'full' ? Object.values(D1_MESSAGES) : [D1_MESSAGES.bare]
  const rows = size === 'full' ? [1, 2] : [1]
  return Array.from({ length: calls }, (_, at) => at + 1).flatMap((call) =>
    (['before', 'after'] as const).flatMap((moment) =>
      messages.flatMap((message) => rows.map((count) => ({ call, moment, message, calls: count }))),
    ),
  )
}

async function createStorageWorld(d1: FaultyD1) {
  const world = await createMailWorld({
    db: d1.db,
    // A refresh token that was replaced ends its grant, so a refresh that is not stored shows.
    entra: { strictRotation: true },
    outside: { pause: jumpingPause((seconds) => world.advance(seconds)) },
  })
  return { ...world, faultyDb: d1.db }
}

type HealthyRun = { status: number; calls: number; snapshot: Snapshot; routes: string[] }

async function healthyRun(operation: Operation): Promise<HealthyRun> {
  const d1 = faultyD1(env.DB)
  const world = await createStorageWorld(d1)
  const { act, check, refuses } = await operation.prepare(world)
  d1.set(null)
  world.lines.length = 0
  const { status } = await act()
  const calls = d1.calls.length
  const routes = world.lines.flatMap((line) => {
    const { method, route } = JSON.parse(line) as Record<string, string>
    return method && route ? [`${method} ${route}`] : []
  })
  if (status >= 400 && !refuses)
    throw new Error(`${operation.name} returns ${status} without a fault`)
  if (operation.scheduled) {
    world.advance(HOUR)
    await act()
  }
  const snapshot = await takeSnapshot(world)
  const failures = (await check?.()) ?? []
  if (failures.length > 0) throw new Error(`${operation.name} without a fault: ${failures.join()}`)
  return { status, calls, snapshot, routes }
}

async function trial(operation: Operation, fault: D1Fault, healthy: HealthyRun): Promise<string[]> {
  const d1 = faultyD1(env.DB)
  const world = await createStorageWorld(d1)
  const { act, check } = await operation.prepare(world)
  d1.set(fault)
  const responses: string[] = []
  let pause: number | null = null
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const response = await act()
    responses.push(String(response.status))
    pause = await pauseBeforeRetry(response)
    if (pause === null) break
    world.advance(pause)
  }
  d1.set(null)
  if (operation.scheduled) {
    world.advance(HOUR)
    await act()
  }
  const failures: string[] = []
  if (pause !== null) failures.push(`returns ${responses.join(', ')}: ${world.lines.at(-1)}`)
  // A client that gets one response knows only what it says, so it must be that of a healthy run.
  if (pause === null && responses.length === 1 && responses[0] !== String(healthy.status))
    failures.push(`returns ${responses[0]} instead of ${healthy.status}`)
  const after = await takeSnapshot(world)
  failures.push(...differences(after, healthy.snapshot, operation))
  failures.push(...((await check?.()) ?? []))
  return failures
}

/** Returns the seconds after which a client repeats the request, or null for the last response. */
async function pauseBeforeRetry(response: Response): Promise<number | null> {
  const { status } = response
  if (status >= 500 && status !== 503)
    throw new Error(`returns ${status}: ${await response.text()}`)
  if (status === 503) return Number(response.headers.get('retry-after'))
  // The first attempt took the Idempotency-Key with it; it is released after a minute.
  return status === 409 && (await response.text()).includes('idempotency_in_progress') ? 61 : null
}

/** Counts the rows of every table but events, and the events by type. */
async function takeSnapshot({ services }: MailWorld): Promise<Snapshot> {
  // Writes the token uses that are still in memory, as a process does when it ends.
  await services.store.tokenUses.writeAll()
  const tables = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'events'",
  ).all<{ name: string }>()
  const counts: Snapshot = {}
  for (const { name } of tables.results) {
    counts[name] = (await env.DB.prepare(`SELECT COUNT(*) AS n FROM ${name}`).first('n')) ?? 0
  }
  // Ignores the use of the root key, which is recorded without a guarantee.
  const events = await env.DB.prepare(
    "SELECT type, COUNT(*) AS n FROM events WHERE type <> 'root_key.used' GROUP BY type",
  ).all<{ type: string; n: number }>()
  for (const { type, n } of events.results) counts[type] = n
  return counts
}

/** Returns what was lost or doubled in comparison with a healthy run. */
function differences(
  found: Snapshot,
  healthy: Snapshot,
  { mayRepeat = [], bestEffort = [] }: Operation,
): string[] {
  const isAllowed = (name: string) =>
    (found[name] ?? 0) > (healthy[name] ?? 0) ? mayRepeat.includes(name) : bestEffort.includes(name)
  return [...new Set([...Object.keys(found), ...Object.keys(healthy)])]
    .filter((name) => found[name] !== healthy[name] && !isAllowed(name))
    .map((name) => `${healthy[name] ?? 0} ${name} became ${found[name] ?? 0}`)
}
