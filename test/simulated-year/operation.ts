/**
 * A deployment without an operator: the upkeep of every hour, twenty grants in daily use, twenty whose
 * accounts the schedule validates and the others idle, while the events of a scenario happen.
 */

import { expect } from 'vitest'
import { createBudget } from '../../api/domain/budget.ts'
import { readKeyRing } from '../../api/domain/operations/key-ring.ts'
import { runMaintenance } from '../../api/domain/operations/maintenance/maintenance.ts'
import { validateAccounts } from '../../api/domain/operations/maintenance/validate-accounts.ts'
import { readiness } from '../../api/domain/operations/readiness.ts'
import { refreshGrant } from '../../api/domain/tokens/delegated.ts'
import { issueAccessToken } from '../../api/domain/tokens/issue-access-token.ts'
import { deliverWebhooks } from '../../api/domain/webhooks/deliver.ts'
import { UNLIMITED } from '../../api/model/access.ts'
import { toProblem } from '../../api/routes/to-problem.ts'
import type { Services } from '../../api/services.ts'
import { system } from '../api/system-call.ts'
import { ACCOUNTS, DAILY, isDuring, replacesResponse, type Scenario } from './scenario.ts'
import { account, column, createDeployment } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
type Deployment = Awaited<ReturnType<typeof createDeployment>>

/** A refused request for a token, with the code of its problem. */
type Refused = { hour: number; index: number; code: string }

const faultAt = ({ outages, glitches }: Scenario, hour: number) =>
  outages.find((one) => isDuring(hour, one))?.fault ?? glitches.get(hour)

async function live(scenario: Scenario, deployment: Deployment) {
  const { world, people, storeNext, promote, deploy, start, call: callApi } = deployment
  const refused: Refused[] = []
  const revokedAt = Map.groupBy(scenario.revocations, ([, hour]) => hour)
  const { control } = world.entra
  let services: Services = deploy(scenario.rings[0]?.kids ?? [])
  let longestIdle = 0
  /** Codes of the problems that the integration has shown, each with the day. */
  const problems: { hour: number; code: string }[] = []
  /** Dumps of all grants from the hours in which Entra could not read the signing keys: all must be equal. */
  const untouched = new Set<string>()

  for (let hour = 0; hour < scenario.hours; hour += 1) {
    world.clock.now = new Date(start + hour * HOUR)
    const ring = scenario.rings.find(({ from }) => from === hour)
    if (ring) services = deploy(ring.kids)
    control.clearFaults()
    const credential = scenario.credentials.find(({ from }) => from - 1 === hour)
    if (credential) await storeNext(credential)
    if (hour > 0 && scenario.credentials.some(({ from }) => from === hour)) await promote()
    for (const [index] of revokedAt.get(hour) ?? []) control.revoke(people[index]?.username ?? '')
    const fault = faultAt(scenario, hour)
    const issuerDown = isDuring(hour, scenario.issuerDown)
    // Injects no fault while Entra cannot read the keys, so that only this can change a grant.
    if (fault && !issuerDown) control.faultNext(fault)

    for (let index = hour % 24; index < DAILY; index += 24) {
      const token = await issueAccessToken(services, system, account(index), {})
      if (!token.ok) refused.push({ hour, index, code: toProblem(token.error).code })
    }
    await runMaintenance(services, system)
    // Of the other minutes of the hour, only some and their scheduled validations are simulated.
    for (let minute = 20; minute < 60; minute += 20) {
      world.clock.now = new Date(start + hour * HOUR + minute * MINUTE)
      await validateAccounts(services, system, createBudget(services.runLimits.queries))
    }
    await deliverWebhooks(services)
    if (issuerDown || hour % 24 === 0) {
      const shown = await callApi<{ problems: { code: string }[] }>(
        'GET',
        '/v1/integrations/microsoft',
      )
      problems.push(...shown.problems.map(({ code }) => ({ hour, code })))
      if (shown.problems.some(({ code }) => code === 'issuer_unreachable')) {
        const rows = await column<string>(
          `SELECT json_array(id, grants.state, refreshed_at, failed_at, refresh_token_sealed)
           FROM grants JOIN grant_tokens ON grant_id = id ORDER BY id`,
        )
        untouched.add(rows.join())
      }
    }
    if (hour % 24 === 0) {
      const [oldest = null] = await column<number | null>(
        "SELECT min(refreshed_at) FROM grants WHERE state IN ('active', 'cooling_down')",
      )
      longestIdle = Math.max(longestIdle, world.clock.now.getTime() - (oldest ?? 0))
      if (ring) await expectRing(services, ring.kids, hour)
    }
  }
  control.clearFaults()
  return { services, refused, longestIdle, problems, untouched }
}

/** Expects that no key is missing. The one that signs was made with a key that is removed by now. */
async function expectRing(services: Services, kids: readonly string[], hour: number) {
  expect((await readiness(services)).checks.key_ring).toEqual({ status: 'ok' })
  const { keys } = await readKeyRing(services)
  expect(keys.map(({ kid }) => kid)).toEqual(kids)
  if (hour === 0 || kids.length > 1) return
  expect(keys[0]?.columns).toContainEqual({ name: 'signing_keys.private_key', rows: 1 })
}

/**
 * Runs the scenario, and expects that only the revoked grants are lost, and that all that happened is reported
 * exactly once and nothing else.
 */
export async function expectOnlyRevokedGrantsLost(scenario: Scenario): Promise<void> {
  const deployment = await createDeployment(scenario)
  const { world, grants } = deployment
  const { services, refused, longestIdle, problems, untouched } = await live(scenario, deployment)

  const revoked = [...scenario.revocations.keys()].map((index) => grants[index] ?? '').toSorted()
  const alarms = await column<string>(
    "SELECT subject FROM events WHERE type IN ('grant.reconnect_required', 'grant.blocked', 'grant.deleted')",
  )
  expect(alarms.toSorted()).toEqual(revoked)
  const inState = (state: string) => column<string>('SELECT id FROM grants WHERE state = ?', state)
  expect((await inState('reconnect_required')).toSorted()).toEqual(revoked)
  expect(await inState('blocked')).toEqual([])
  expect(await column('SELECT id FROM grants')).toHaveLength(grants.length)

  // All the others work. Entra accepts the stored refresh token of each.
  const lost: string[] = []
  for (const id of grants.filter((one) => !revoked.includes(one))) {
    const grant = await services.store.grants.read(id, UNLIMITED)
    const result = grant && (await refreshGrant(services, system, grant))
    if (!result?.ok) lost.push(id)
  }
  expect(lost).toEqual([])
  expect(await inState('active')).toHaveLength(grants.length - revoked.length)
  // Microsoft revokes a refresh token after 90 days without use.
  expect(longestIdle).toBeLessThan(30 * DAY)

  await expectCredentialReported(scenario, deployment, problems)
  expect(untouched.size).toBe(1)
  const outages = await expectOutagesReported(scenario, deployment)
  expectMessages(scenario, deployment, revoked, outages)
  expectValidations(scenario, deployment)

  // Every refusal was caused by an outage, the expired secret or a revocation.
  const unexplained = refused.filter(({ hour, index, code }) => {
    if (code === 'credential_rejected') return !isDuring(hour, scenario.secretExpired)
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
  expect(errors.filter((line) => !line.includes('"event":"microsoft_unreachable"'))).toEqual([])
  expect(errors).toHaveLength(outages)
}

/** Expects each fault of the credential as one event, and as a problem only while it lasts. Also checks warnings and signing keys. */
async function expectCredentialReported(
  scenario: Scenario,
  { seen, start }: Deployment,
  problems: readonly { hour: number; code: string }[],
): Promise<void> {
  const { warnings, secretExpired, issuerDown, signingKeys, keySetAge, credentials, hours } =
    scenario
  const steps = await column<string>(
    "SELECT data FROM events WHERE type LIKE 'integration.secret_%' ORDER BY at",
  )
  expect(steps.map((data) => (JSON.parse(data) as { days_left: number }).days_left)).toEqual([
    ...warnings,
    0,
  ])
  const hoursOf = async (type: string) =>
    (await column<number>(`SELECT at FROM events WHERE type = 'integration.${type}'`)).map((at) =>
      Math.floor((at - start) / HOUR),
    )
  expect(await hoursOf('credential_rejected')).toEqual([secretExpired.from])
  const [unreachable = 0, ...others] = await hoursOf('issuer_unreachable')
  expect(others).toEqual([])
  // Entra may use the key set for a day.
  expect(isDuring(unreachable, { ...issuerDown, until: issuerDown.from + 24 })).toBe(true)
  expect(await hoursOf('credential_accepted')).toEqual([issuerDown.until])

  const hoursWith = (code: string) => problems.filter((one) => one.code === code)
  expect(hoursWith('issuer_unreachable')).toHaveLength(issuerDown.until - unreachable)
  const [firstWarning = 0] = warnings
  const warned = { from: secretExpired.from - firstWarning * 24, until: secretExpired.from }
  const explained = (hour: number, code: string) => {
    if (code === 'issuer_unreachable') return isDuring(hour, issuerDown)
    if (code === 'microsoft_unreachable') return replacesResponse(faultAt(scenario, hour))
    if (code === 'secret_expiring') return isDuring(hour, warned)
    return ['credential_rejected', 'secret_expired'].includes(code) && isDuring(hour, secretExpired)
  }
  expect(problems.filter(({ hour, code }) => !explained(hour, code))).toEqual([])

  // Each key was published before Entra, which reads the key set once a day, met its first signature.
  expect(seen.signers.size).toBe(signingKeys)
  expect(Math.max(...seen.signers.values()) / HOUR).toBeGreaterThanOrEqual(keySetAge)
  const federatedHours = credentials.map(({ type, from }, index) =>
    type === 'federated' ? (credentials[index + 1]?.from ?? hours) - from : 0,
  )
  const readable = federatedHours.reduce(
    (sum, one) => sum + one,
    issuerDown.from - issuerDown.until,
  )
  expect(seen.keySetReads.length).toBeGreaterThan((readable / 24) * 0.9)
  const [, ...later] = seen.keySetReads
  const pauses = later.map((at, index) => at - (seen.keySetReads[index] ?? 0))
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(DAY)
}

/**
 * Expects one report for each long fault that replaces Microsoft's responses, and no report while another fault or
 * none lasts. Returns the number of reports.
 */
async function expectOutagesReported(scenario: Scenario, { start }: Deployment): Promise<number> {
  const hours = (
    await column<number>("SELECT at FROM events WHERE type = 'integration.microsoft_unreachable'")
  ).map((at) => Math.floor((at - start) / HOUR))
  for (const outage of scenario.outages.filter(({ fault }) => replacesResponse(fault))) {
    expect(hours.filter((hour) => isDuring(hour, outage))).toHaveLength(1)
  }
  expect(hours.filter((hour) => !replacesResponse(faultAt(scenario, hour)))).toEqual([])
  return hours.length
}

/** Expects that a program heard of each change once and of nothing else, and people in few messages. */
function expectMessages(
  { warnings, mailFaults }: Scenario,
  { seen }: Deployment,
  revoked: readonly string[],
  outages: number,
): void {
  const toProgram = seen.messages.filter(({ to }) => to === 'program')
  const failing = mailFaults.filter(({ response }) => response === 'refused')
  const problems = [
    ...revoked.map(() => 'grant.reconnect_required'),
    ...failing.map(() => 'validation.failed'),
    'integration.credential_rejected',
    'integration.issuer_unreachable',
    'integration.secret_expired',
    ...warnings.map(() => 'integration.secret_expiring'),
    ...Array<string>(outages).fill('integration.microsoft_unreachable'),
  ]
  const recoveries = [
    ...failing.map(() => 'validation.passed'),
    'integration.credential_accepted',
    ...Array<string>(outages).fill('integration.microsoft_reachable'),
  ]
  const types = toProgram.map(({ body }) => (JSON.parse(body) as { type: string }).type)
  expect(types.toSorted()).toEqual([...problems, ...recoveries].toSorted())
  const accountsIn = (type: string) =>
    toProgram.flatMap(({ body }) => {
      const message = JSON.parse(body) as { type: string; data: { mail_account: string } }
      return message.type === type ? [message.data.mail_account] : []
    })
  for (const type of ['validation.failed', 'validation.passed']) {
    expect(accountsIn(type)).toEqual(failing.map(({ index }) => account(index)))
  }

  const toPeople = seen.messages.filter(({ to }) => to === 'people')
  const titles = toPeople.map(({ body }) => (JSON.parse(body) as { text: string }).text)
  const total = (pattern: RegExp) =>
    titles.reduce((sum, title) => sum + Number(pattern.exec(title)?.[1] ?? 0), 0)
  expect(total(/(\d+) problems? needs? attention/)).toBe(problems.length)
  expect(total(/(\d+) resolved/)).toBe(recoveries.length)
  expect(new Set(toPeople.map(({ at }) => at))).toEqual(new Set(toProgram.map(({ at }) => at)))
  expect(toPeople.length).toBeLessThanOrEqual(toProgram.length)
}

/**
 * Expects that each account was validated once a day, neither more nor less, and failed only while its mail
 * server refused it or it had no token.
 */
function expectValidations(scenario: Scenario, { seen, start }: Deployment): void {
  const byAccount = Map.groupBy(seen.validations, (one) => one.account)
  expect(byAccount.size).toBe(ACCOUNTS)
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const validations = byAccount.get(account(index)) ?? []
    const times = [start, ...validations.map(({ at }) => at), start + scenario.hours * HOUR]
    const pauses = times.slice(1).map((at, place) => at - (times[place] ?? 0))
    expect(Math.min(...pauses.slice(1, -1))).toBeGreaterThanOrEqual(DAY)
    expect(Math.max(...pauses)).toBeLessThan(DAY + HOUR)
    const faults = scenario.mailFaults.filter((one) => one.index === index)
    const mayFail = (hour: number) =>
      isDuring(hour, scenario.secretExpired) ||
      (scenario.revocations.get(index) ?? scenario.hours) <= hour ||
      faults.some((one) => one.response === 'refused' && isDuring(hour, one))
    const failed = validations.filter(({ outcome }) => outcome === 'failed')
    expect(failed.filter(({ at }) => !mayFail((at - start) / HOUR))).toEqual([])
  }
}
