/**
 * A year with nobody looking: the upkeep of every hour, twenty grants in daily use and the rest idle,
 * a failing Entra, two rotations of the encryption key and a client secret that is renewed too late.
 */
import { expect, it } from 'vitest'
import { readKeyRing } from '../../api/domain/key-ring.ts'
import { readiness } from '../../api/domain/readiness.ts'
import { handOut } from '../../api/domain/tokens/hand-out.ts'
import { refreshOnce } from '../../api/domain/tokens/refresh.ts'
import { upkeep } from '../../api/domain/upkeep/upkeep.ts'
import type { Call, Services } from '../../api/services.ts'
import { secrets } from '../sandbox/cast.ts'
import {
  DAILY,
  HOURS,
  revocations,
  rings,
  SECRET_CHANGED,
  SECRET_ENDS,
  squalls,
  weather,
} from './scenario.ts'
import { account, column, createYear } from './world.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const call: Call = { actor: { type: 'system', id: null }, defer: () => {} }

type Year = Awaited<ReturnType<typeof createYear>>

/** The answers to those who asked for a token, where they were no token. */
type Refused = { hour: number; index: number; code: string }

async function live({ world, people, enterSecret, deploy, start }: Year) {
  const refused: Refused[] = []
  const sudden = squalls()
  const ends = revocations()
  const revokedAt = Map.groupBy(ends, ([, hour]) => hour)
  const { control } = world.entra
  let services: Services = deploy(['k1'])
  let longestIdle = 0
  const told = new Map<string, string>()

  for (let hour = 0; hour < HOURS; hour += 1) {
    world.clock.now = new Date(start + hour * HOUR)
    const ring = rings.find(({ from }) => from === hour)
    if (ring) services = deploy(ring.kids)
    if (hour === SECRET_CHANGED) await enterSecret(secrets.next, null, services)
    for (const [index] of revokedAt.get(hour) ?? []) control.revoke(people[index]?.username ?? '')
    control.clearFaults()
    const sky = weather.find(({ from, until }) => from <= hour && hour < until)?.fault
    const fault = sky ?? sudden.get(hour)
    if (fault) control.faultNext(fault)

    for (let index = hour % 24; index < DAILY; index += 24) {
      const token = await handOut(services, call, account(index), undefined)
      if (!token.ok) refused.push({ hour, index, code: token.error.code })
    }
    await upkeep(services, call)
    if (hour % 24 === 0) {
      // As every minute would, but sent to nobody; after a month a message is purged.
      await services.store.deliveries.enqueue(services.now())
      for (const one of await column<string>("SELECT id || ' ' || type FROM webhook_deliveries")) {
        const [id = '', type = ''] = one.split(' ')
        told.set(id, type)
      }
      const [oldest = null] = await column<number | null>(
        "SELECT min(refreshed_at) FROM grants WHERE state IN ('active', 'cooling_down')",
      )
      longestIdle = Math.max(longestIdle, world.clock.now.getTime() - (oldest ?? 0))
      if (ring) expect((await readiness(services)).checks.key_ring).toEqual({ status: 'ok' })
    }
  }
  control.clearFaults()
  return { services, refused, ends, longestIdle, told }
}

it('loses no grant, and tells of each that is really revoked, once, and of nothing else', async () => {
  const year = await createYear()
  const { world, grants } = year
  const { services, refused, ends, longestIdle, told } = await live(year)

  const revoked = [...ends.keys()].map((index) => grants[index] ?? '').toSorted()
  const alarms = await column<string>(
    "SELECT subject FROM events WHERE type IN ('grant.reconnect_required', 'grant.blocked', 'grant.deleted')",
  )
  expect(alarms.toSorted()).toEqual(revoked)
  const standing = (state: string) => column<string>('SELECT id FROM grants WHERE state = ?', state)
  expect((await standing('reconnect_required')).toSorted()).toEqual(revoked)
  expect(await standing('blocked')).toEqual([])
  expect(await column('SELECT id FROM grants')).toHaveLength(grants.length)

  // All the others work: Entra takes what is stored of every one.
  const lost: string[] = []
  for (const id of grants.filter((one) => !revoked.includes(one))) {
    const grant = await services.store.grants.read(id)
    const result = grant && (await refreshOnce(services, call, grant))
    if (!result?.ok) lost.push(id)
  }
  expect(lost).toEqual([])
  expect(await standing('active')).toHaveLength(grants.length - revoked.length)
  // Microsoft ends what was not used for 90 days.
  expect(longestIdle).toBeLessThan(30 * DAY)

  const steps = await column<string>(
    "SELECT data FROM events WHERE type LIKE 'integration.secret_%' ORDER BY at",
  )
  expect(steps.map((data) => (JSON.parse(data) as { days_left: number }).days_left)).toEqual([
    30, 7, 1, 0,
  ])
  const rejected = "SELECT at FROM events WHERE type = 'integration.credential_rejected'"
  expect(await column(rejected)).toHaveLength(1)
  // A webhook that listens to everything is told of all this once, and of nothing else.
  expect([...told.values()].toSorted()).toEqual(
    [
      ...revoked.map(() => 'grant.reconnect_required'),
      'integration.credential_rejected',
      'integration.secret_expired',
      ...[30, 7, 1].map(() => 'integration.secret_expiring'),
    ].toSorted(),
  )

  // Nobody was refused but by an outage, by the ended secret, or because it was revoked.
  const groundless = refused.filter(({ hour, index, code }) => {
    if (code === 'credential_rejected') return hour < SECRET_ENDS || hour >= SECRET_CHANGED
    if (code === 'reconnect_required') return (ends.get(index) ?? HOURS) > hour
    return code !== 'provider_unavailable'
  })
  expect(groundless).toEqual([])
  // The year was no calm one.
  expect(refused.length).toBeGreaterThan(50)
  expect(world.entra.counts().token.refresh_token).toBeGreaterThan(20_000)
  const struck = "SELECT id FROM events WHERE type = 'grant.cooling_down'"
  expect((await column(struck)).length).toBeGreaterThan(200)

  const { keys } = await readKeyRing(services)
  expect(keys.map(({ kid }) => kid)).toEqual(['k3'])
  const errors = world.lines.filter((line) => line.includes('"level":"error"'))
  expect(errors).toEqual([])
})
