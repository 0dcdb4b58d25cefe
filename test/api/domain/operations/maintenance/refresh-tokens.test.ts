import { describe, expect, it } from 'vitest'
import { secrets } from '../../../../sandbox/personas.ts'
import { forgetRefreshToken } from '../../../expired-grant.ts'
import type { World } from '../../../harness.ts'
import { eventsOf, rows } from '../../../sql.ts'
import { DAY, enterSecret, grantRow, HOUR, idleWorld, run, runAfter, stateOf } from './run.ts'

const refreshCalls = (world: World) => world.entra.counts().token.refresh_token
describe('an idle grant', () => {
  it('is refreshed after 20 days, long before Microsoft would expire it, and not earlier', async () => {
    const { world, ids } = await idleWorld(2)
    world.advance(20 * DAY - HOUR)
    expect((await run(world)).refresh).toMatchObject({ count: 0, more: false })
    expect(refreshCalls(world)).toBe(0)
    world.advance(2 * HOUR)
    expect((await run(world)).refresh).toMatchObject({ count: 2, more: false })
    expect(refreshCalls(world)).toBe(2)
    expect((await grantRow(ids[0] ?? ''))?.refreshed_at).toBe(world.clock.now.getTime())
    expect((await run(world)).refresh).toMatchObject({ count: 0 })
  })

  it('is not refreshed while it is unsaved, while the integration is inactive, or after the app registration changed', async () => {
    const { world, ids } = await idleWorld(1)
    await world.grant('alice@contoso.test', { saved: false })
    world.advance(21 * DAY)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    world.entra.control.resetCounts()
    await run(world)
    expect(refreshCalls(world)).toBe(0)
    await world.call('POST', '/v1/integrations/microsoft/activate')
    await rows("UPDATE grants SET client_id = 'another'")
    await run(world)
    expect(refreshCalls(world)).toBe(0)
    expect(await stateOf(ids[0] ?? '')).toBe('active')
  })

  it('is refreshed once when two runs overlap', async () => {
    const { world } = await idleWorld(6)
    world.advance(21 * DAY)
    await Promise.all([run(world), run(world)])
    expect(refreshCalls(world)).toBe(6)
  })
})

describe('a failed grant', () => {
  it('is retried after its cool-down, not earlier', async () => {
    const { world, ids } = await idleWorld(1)
    const [id = ''] = ids
    world.advance(21 * DAY)
    world.entra.control.faultNext({ kind: 'rate_limit', retry_after: 3600 })
    await run(world)
    expect(await stateOf(id)).toBe('cooling_down')
    await runAfter(world, HOUR - 1)
    expect(refreshCalls(world)).toBe(1)
    world.advance(1)
    expect((await run(world)).refresh).toMatchObject({ count: 1 })
    expect(await stateOf(id)).toBe('active')
    expect(await eventsOf(id)).toEqual(['grant.cooling_down', 'grant.recovered'])
  })

  it('is retried at its time while it is blocked', async () => {
    const { world, ids } = await idleWorld(1)
    await rows(
      "UPDATE grant_tokens SET state = 'blocked', retry_at = ? WHERE grant_id = ?",
      world.clock.now.getTime() + DAY * 1000,
      ids[0] ?? '',
    )
    await run(world)
    await runAfter(world, DAY - 1)
    expect(refreshCalls(world)).toBe(0)
    await runAfter(world, 1)
    expect(refreshCalls(world)).toBe(1)
    expect(await stateOf(ids[0] ?? '')).toBe('active')
  })

  it('is never retried while it must be reconnected', async () => {
    const { world } = await idleWorld(1)
    await rows("UPDATE grant_tokens SET state = 'reconnect_required'")
    await runAfter(world, 40 * DAY)
    expect(refreshCalls(world)).toBe(0)
  })

  it('may use the capacity that idle grants leave, beyond the 30 reserved for failed ones', async () => {
    const { world } = await idleWorld(31)
    await rows(
      "UPDATE grant_tokens SET state = 'cooling_down', failures = 1, retry_at = ?",
      world.clock.now.getTime(),
    )
    world.advance(HOUR)
    expect((await run(world)).refresh).toMatchObject({ count: 31, more: false })
  })

  it('has its turn when it has waited longest, however often it failed', async () => {
    const { world } = await idleWorld(8)
    for (let index = 0; index < 4; index += 1) await world.grant('grace@outlook.test')
    const due = world.clock.now.getTime()
    await rows("UPDATE grant_tokens SET state = 'cooling_down', failures = 9, retry_at = ?", due)
    await rows(
      `UPDATE grant_tokens SET failures = 1, retry_at = retry_at + 1
       WHERE grant_id IN (SELECT id FROM grants WHERE account_type = 'personal')`,
    )
    world.advance(HOUR)
    world.entra.control.resetCounts()
    expect((await run(world)).refresh).toMatchObject({ count: 12 })
    const personal = world.entra.tokenCalls().map(({ tenant }) => tenant === 'consumers')
    // With four calls at a time, five of the eight have finished before the first personal one starts.
    expect(personal.slice(0, 5)).toEqual(Array(5).fill(false))
    expect(personal.filter(Boolean)).toHaveLength(4)
  })
})

describe('during an outage at Microsoft', () => {
  it('a run ends after a few failures, and no grant is worse off than cooling down', async () => {
    const { world, ids } = await idleWorld(9)
    world.advance(21 * DAY)
    world.entra.control.faultNext({ kind: 'outage', times: 1_000_000 })
    expect((await run(world)).refresh).toMatchObject({ level: 'warn', count: 0, more: true })
    expect(refreshCalls(world)).toBeLessThanOrEqual(6)
    const states = await Promise.all(ids.map(stateOf))
    expect(states.filter((one) => one === 'cooling_down')).toHaveLength(refreshCalls(world))
    expect(states.filter((one) => one === 'active')).toHaveLength(9 - refreshCalls(world))
    for (let hour = 0; hour < 2; hour += 1) {
      await runAfter(world, HOUR)
    }
    world.entra.control.clearFaults()
    await runAfter(world, HOUR)
    world.advance(HOUR)
    await run(world)
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['active']))
  })

  it('a few failures among successes do not stop the run', async () => {
    const { world } = await idleWorld(10)
    world.advance(21 * DAY)
    world.entra.control.faultNext({ kind: 'server_error', times: 2 })
    expect((await run(world)).refresh).toMatchObject({ count: 8, more: false })
  })

  it('an unknown refresh token is no sign of an outage, and is confirmed by a second refusal', async () => {
    const { world, ids } = await idleWorld(8)
    for (const id of ids.slice(0, 6)) await forgetRefreshToken(world, id)
    world.advance(21 * DAY)
    expect((await run(world)).refresh).toMatchObject({ count: 2, more: false })
    await runAfter(world, HOUR)
    for (const id of ids.slice(0, 6)) {
      expect(await stateOf(id)).toBe('reconnect_required')
      expect(await eventsOf(id)).toEqual(['grant.cooling_down', 'grant.reconnect_required'])
    }
  })
})

describe('after an outage at Microsoft', () => {
  /** Grants that failed a minute ago and wait for an hour. The first succeeds now; the last was throttled itself. */
  async function endingOutage() {
    const { world, ids } = await idleWorld(40)
    const [first = '', throttled = ''] = [ids[0], ids.at(-1)]
    world.advance(21 * DAY)
    const now = world.clock.now.getTime()
    await rows(
      `UPDATE grant_tokens SET state = 'cooling_down', failures = 8, failed_at = ?1 - 60000,
         retry_at = iif(grant_id = ?2, ?1, ?1 + 3540000), problem_code = 'provider_unavailable', problem_since = ?1 - 4 * 3600000,
         problem_facts = json_object('stage', 'refresh', 'kind', iif(grant_id = ?3, 'throttled', 'unreachable'))`,
      now,
      first,
      throttled,
    )
    const waitOf = async (id: string) => Number((await grantRow(id))?.retry_at) - now
    return { world, first, others: ids.slice(1, -1), throttled, now, waitOf }
  }

  it('the first success brings all others forward, spread over five minutes', async () => {
    const { world, first, others, throttled, waitOf } = await endingOutage()
    expect((await run(world)).refresh).toMatchObject({ count: 1 })
    expect(await stateOf(first)).toBe('active')
    const waits = await Promise.all(others.map(waitOf))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(5 * 60_000)
    expect(new Set(waits.map((wait) => Math.floor(wait / 60_000))).size).toBeGreaterThan(2)
    expect(await waitOf(throttled)).toBe(3_540_000)
    await runAfter(world, 300)
    expect(new Set(await Promise.all(others.map(stateOf)))).toEqual(new Set(['active']))
  })

  it('a grant that failed while others worked keeps its pause', async () => {
    const { world, first, others, now, waitOf } = await endingOutage()
    const [worked = '', failing = ''] = others
    const active = "UPDATE grant_tokens SET state = 'active', retry_at = NULL WHERE grant_id = ?"
    await rows(active, worked)
    await rows('UPDATE grants SET refreshed_at = ? WHERE id = ?', now - 600_000, worked)
    await run(world)
    expect(await stateOf(first)).toBe('active')
    expect(await waitOf(failing)).toBe(3_540_000)
  })

  it('no grant is brought forward before the first success', async () => {
    const { world, others, waitOf } = await endingOutage()
    world.entra.control.faultNext({ kind: 'outage', times: 1_000_000 })
    await run(world)
    expect(new Set(await Promise.all(others.map(waitOf)))).toEqual(new Set([3_540_000]))
  })
})

describe('while Entra refuses the credential', () => {
  it('each run tries one grant, changes none, and reports the refusal once', async () => {
    const { world, ids } = await idleWorld(10)
    world.advance(21 * DAY)
    await enterSecret(world, secrets.expired)
    for (let hour = 1; hour <= 3; hour += 1) {
      expect((await run(world)).refresh).toMatchObject({ count: 0, more: true })
      expect(refreshCalls(world)).toBe(hour)
      world.advance(HOUR)
    }
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['active']))
    const rejections = (await eventsOf('microsoft')).filter((type) => type.includes('rejected'))
    expect(rejections).toHaveLength(1)
    await enterSecret(world, secrets.current)
    expect((await run(world)).refresh).toMatchObject({ count: 10, more: false })
  })
})
