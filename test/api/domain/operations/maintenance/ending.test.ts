/** A run while the process ends: what has begun is finished, and the next run does the rest. */
import { describe, expect, it } from 'vitest'
import { runMaintenance } from '../../../../../api/domain/operations/maintenance/maintenance.ts'
import { RUN_LIMITS } from '../../../../../api/node/schedule.ts'
import { activeMailWorld, passes, passwordForm } from '../../../mail-world.ts'
import { system } from '../../../system-call.ts'
import { DAY, grantRow, idleWorld, run } from './run.ts'

describe('a run of the maintenance', () => {
  it('stores the token that it is waiting for, and refreshes no other grant', async () => {
    const ending = new AbortController()
    const { world, ids } = await idleWorld(8, { entra: { wait: async () => ending.abort() } })
    world.advance(21 * DAY)
    world.entra.control.faultNext({ kind: 'slow' })
    await runMaintenance(world.services, system, ending.signal)
    expect(ending.signal.aborted).toBe(true)
    expect(world.entra.counts().token.refresh_token).toBe(1)
    expect((await grantRow(ids[0] ?? ''))?.refreshed_at).toBe(world.clock.now.getTime())
    expect((await run(world)).refresh).toMatchObject({ count: 7 })
  })

  it('ends the validations that have begun, and gives the other accounts back', async () => {
    const ending = new AbortController()
    const world = await activeMailWorld({ settings: { validateEveryHours: 1 / 50 } })
    for (let index = 0; index < 12; index += 1) {
      await world.save(passwordForm({ username: `desk${index}@example.org` }))
    }
    world.login.probe = (request) => {
      ending.abort()
      return passes(request)
    }
    await runMaintenance(world.services, system, ending.signal)
    const begun = world.probes.length
    expect(begun).toBeGreaterThan(0)
    expect(begun).toBeLessThanOrEqual(4)
    await run(world)
    expect(world.probes).toHaveLength(12)
    expect(new Set(world.probes.map(({ identity }) => identity)).size).toBe(12)
  })

  it('ends with its time, as many validations at once as the runtime permits', async () => {
    const runLimits = { ...RUN_LIMITS, milliseconds: 5000, atOnce: 2 }
    const world = await activeMailWorld({
      settings: { validateEveryHours: 1 / 50 },
      outside: { runLimits },
    })
    for (let index = 0; index < 12; index += 1) {
      await world.save(passwordForm({ username: `desk${index}@example.org` }))
    }
    world.login.probe = (request) => {
      world.advance(2)
      return passes(request)
    }
    const { validate } = await run(world)
    expect(validate).toMatchObject({ more: true })
    // A run whose first validations begin a moment apart has time for one less.
    expect([3, 4]).toContain(validate?.count)
    for (let rest = 3; rest > 0; rest -= 1) await run(world)
    expect(new Set(world.probes.map(({ identity }) => identity)).size).toBe(12)
  })

  it('starts nothing once the process ends, and warns of no backlog', async () => {
    const { world } = await idleWorld(2)
    world.advance(21 * DAY)
    const before = world.lines.length
    await runMaintenance(world.services, system, AbortSignal.abort())
    const levels = world.lines.slice(before).map((line) => JSON.parse(line).level)
    expect(new Set(levels)).toEqual(new Set(['info']))
    expect(world.entra.counts().token.refresh_token).toBe(0)
    expect((await run(world)).refresh).toMatchObject({ count: 2 })
  })
})
