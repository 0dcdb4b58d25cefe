/**
 * A deployment without an operator: the upkeep of every hour, twenty grants in daily use and the others
 * idle, while the events of a scenario happen.
 */
import { expect } from 'vitest'
import { readKeyRing } from '../../api/domain/key-ring.ts'
import { createBudget } from '../../api/domain/maintenance/budget.ts'
import { runMaintenance } from '../../api/domain/maintenance/maintenance.ts'
import { validateAccounts } from '../../api/domain/maintenance/validate-accounts.ts'
import { readiness } from '../../api/domain/readiness.ts'
import { refreshGrant } from '../../api/domain/tokens/delegated.ts'
import { issueAccessToken } from '../../api/domain/tokens/issue-access-token.ts'
import { enqueueMessages } from '../../api/domain/webhooks/deliver.ts'
import { toProblem } from '../../api/routes/to-problem.ts'
import type { Call, Services } from '../../api/services.ts'
import { secrets } from '../sandbox/cast.ts'
import { DAILY, type Scenario } from './scenario.ts'
import { account, column, createDeployment } from './world.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000
const call: Call = { actor: { type: 'system', id: null }, defer: () => {} }

type Deployment = Awaited<ReturnType<typeof createDeployment>>

/** A request for a token that was answered with a problem. */
type Refused = { hour: number; index: number; code: string }

async function live(scenario: Scenario, { world, people, enterSecret, deploy, start }: Deployment) {
  const refused: Refused[] = []
  const revokedAt = Map.groupBy(scenario.revocations, ([, hour]) => hour)
  const { control } = world.entra
  let services: Services = deploy(scenario.rings[0]?.kids ?? [])
  let longestIdle = 0
  /** Types of the webhook messages by id. */
  const messages = new Map<string, string>()

  for (let hour = 0; hour < scenario.hours; hour += 1) {
    world.clock.now = new Date(start + hour * HOUR)
    const ring = scenario.rings.find(({ from }) => from === hour)
    if (ring) services = deploy(ring.kids)
    if (hour === scenario.secretReplaced) await enterSecret(secrets.next, null, services)
    for (const [index] of revokedAt.get(hour) ?? []) control.revoke(people[index]?.username ?? '')
    control.clearFaults()
    const outage = scenario.outages.find(({ from, until }) => from <= hour && hour < until)
    const fault = outage?.fault ?? scenario.glitches.get(hour)
    if (fault) control.faultNext(fault)

    for (let index = hour % 24; index < DAILY; index += 24) {
      const token = await issueAccessToken(services, call, account(index), undefined)
      if (!token.ok) refused.push({ hour, index, code: toProblem(token.error).code })
    }
    await runMaintenance(services, call)
    // The other minutes of the hour, of which only the scheduled validations are simulated.
    for (let minute = 1; minute < 60; minute += 1) {
      world.clock.now = new Date(start + hour * HOUR + minute * MINUTE)
      await validateAccounts(services, call, createBudget())
    }
    if (hour % 24 === 0) {
      // Queued as every minute would, but not sent. A message is purged after a month.
      await enqueueMessages(services)
      for (const one of await column<string>("SELECT id || ' ' || type FROM webhook_deliveries")) {
        const [id = '', type = ''] = one.split(' ')
        messages.set(id, type)
      }
      const [oldest = null] = await column<number | null>(
        "SELECT min(refreshed_at) FROM grants WHERE state IN ('active', 'cooling_down')",
      )
      longestIdle = Math.max(longestIdle, world.clock.now.getTime() - (oldest ?? 0))
      if (ring) expect((await readiness(services)).checks.key_ring).toEqual({ status: 'ok' })
    }
  }
  control.clearFaults()
  return { services, refused, longestIdle, messages }
}

/** Runs the scenario, and expects that only the revoked grants are lost, each reported exactly once. */
export async function expectOnlyRevokedGrantsLost(scenario: Scenario): Promise<void> {
  const deployment = await createDeployment(scenario)
  const { world, grants } = deployment
  const { services, refused, longestIdle, messages } = await live(scenario, deployment)

  const revoked = [...scenario.revocations.keys()].map((index) => grants[index] ?? '').toSorted()
  const alarms = await column<string>(
    "SELECT subject FROM events WHERE type IN ('grant.reconnect_required', 'grant.blocked', 'grant.deleted')",
  )
  expect(alarms.toSorted()).toEqual(revoked)
  const inState = (state: string) => column<string>('SELECT id FROM grants WHERE state = ?', state)
  expect((await inState('reconnect_required')).toSorted()).toEqual(revoked)
  expect(await inState('blocked')).toEqual([])
  expect(await column('SELECT id FROM grants')).toHaveLength(grants.length)

  // All the others work: Entra accepts the stored refresh token of each.
  const lost: string[] = []
  for (const id of grants.filter((one) => !revoked.includes(one))) {
    const grant = await services.store.grants.read(id)
    const result = grant && (await refreshGrant(services, call, grant))
    if (!result?.ok) lost.push(id)
  }
  expect(lost).toEqual([])
  expect(await inState('active')).toHaveLength(grants.length - revoked.length)
  // Microsoft revokes a refresh token after 90 days without use.
  expect(longestIdle).toBeLessThan(30 * DAY)

  const steps = await column<string>(
    "SELECT data FROM events WHERE type LIKE 'integration.secret_%' ORDER BY at",
  )
  const warnings = [Math.min(30, scenario.secretExpires / 24), 7, 1]
  expect(steps.map((data) => (JSON.parse(data) as { days_left: number }).days_left)).toEqual([
    ...warnings,
    0,
  ])
  const rejected = "SELECT at FROM events WHERE type = 'integration.credential_rejected'"
  expect(await column(rejected)).toHaveLength(1)
  // A webhook for all event types gets each of these once and nothing else.
  expect([...messages.values()].toSorted()).toEqual(
    [
      ...revoked.map(() => 'grant.reconnect_required'),
      'integration.credential_rejected',
      'integration.secret_expired',
      ...warnings.map(() => 'integration.secret_expiring'),
    ].toSorted(),
  )

  // Every refusal was caused by an outage, the expired secret or a revocation.
  const unexplained = refused.filter(({ hour, index, code }) => {
    if (code === 'credential_rejected')
      return hour < scenario.secretExpires || hour >= scenario.secretReplaced
    if (code === 'reconnect_required')
      return (scenario.revocations.get(index) ?? scenario.hours) > hour
    return code !== 'provider_unavailable'
  })
  expect(unexplained).toEqual([])
  const { atLeast } = scenario
  expect(refused.length).toBeGreaterThan(atLeast.refused)
  expect(world.entra.counts().token.refresh_token).toBeGreaterThan(atLeast.refreshes)
  const coolDowns = "SELECT id FROM events WHERE type = 'grant.cooling_down'"
  expect((await column(coolDowns)).length).toBeGreaterThan(atLeast.coolDowns)

  const { keys } = await readKeyRing(services)
  expect(keys.map(({ kid }) => kid)).toEqual(scenario.rings.at(-1)?.kids)
  const errors = world.lines.filter((line) => line.includes('"level":"error"'))
  expect(errors).toEqual([])
}
