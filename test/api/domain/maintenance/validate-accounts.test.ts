import { describe, expect, it } from 'vitest'
import type { ProbeReport } from '../../../../schema/probe.ts'
import {
  createMailWorld,
  imapForm,
  type MailWorld,
  passes,
  passwordForm,
  refuses,
} from '../../mail-world.ts'
import { DAY, HOUR, rows, run } from './run.ts'

async function scheduled(accounts: number, hours: number | null = 24) {
  const world = await createMailWorld({ settings: { validateEveryHours: hours } })
  await world.activate()
  const ids: string[] = []
  for (let index = 0; index < accounts; index += 1) {
    ids.push((await world.save(passwordForm({ username: `desk${index}@example.org` }))).id)
  }
  return { world, ids }
}

const testedUsernames = (world: MailWorld) => world.probes.map(({ identity }) => identity)

const unanswered = (): ProbeReport => ({
  outcome: 'inconclusive',
  mechanism: null,
  steps: [{ name: 'connect', outcome: 'inconclusive', duration_ms: 1, detail: 'no answer' }],
  failure: null,
  duration_ms: 1,
})

describe('validations on a schedule', { timeout: 30_000 }, () => {
  it('are off by default', async () => {
    const { world } = await scheduled(1, null)
    expect((await run(world)).validate).toMatchObject({ count: 0, more: false })
    expect(world.probes).toEqual([])
  })

  it('test each account once per period', async () => {
    const { world, ids } = await scheduled(3)
    expect((await run(world)).validate).toMatchObject({ count: 3, more: false })
    expect((await world.read(ids[0] ?? '')).health).toBe('ok')
    for (let hour = 1; hour < 24; hour += 1) {
      world.advance(HOUR)
      await run(world)
    }
    expect(testedUsernames(world)).toHaveLength(3)
    world.advance(HOUR + 1)
    await run(world)
    expect(testedUsernames(world)).toHaveLength(6)
  })

  it('skip accounts that were validated in the meantime', async () => {
    const { world, ids } = await scheduled(2)
    await run(world)
    world.advance(12 * HOUR)
    await world.validateSaved(ids[0] ?? '')
    world.probes.length = 0
    world.advance(12 * HOUR + 1)
    await run(world)
    expect(testedUsernames(world)).toEqual(['desk1@example.org'])
    world.advance(12 * HOUR)
    await run(world)
    expect(testedUsernames(world)).toEqual(['desk1@example.org', 'desk0@example.org'])
  })

  it('call an account failing only when its login was actually refused', async () => {
    const { world, ids } = await scheduled(1)
    const [id = ''] = ids
    await run(world)
    world.login.probe = unanswered
    world.advance(DAY + 1)
    await run(world)
    expect((await world.read(id)).health).toBe('ok')
    expect(await world.events()).toContain('validation.inconclusive')
    world.login.probe = refuses
    world.advance(DAY + 1)
    await run(world)
    expect((await world.read(id)).health).toBe('failing')
    world.login.probe = passes
    world.advance(DAY + 1)
    await run(world)
    expect((await world.read(id)).health).toBe('ok')
  })

  it('stop after a few inconclusive results', async () => {
    const { world } = await scheduled(20)
    world.login.probe = unanswered
    expect((await run(world)).validate).toMatchObject({ level: 'warn', more: true })
    expect(world.probes.length).toBeLessThanOrEqual(7)
    const tested = world.probes.length
    world.login.probe = passes
    expect((await run(world)).validate).toMatchObject({ count: 20 - tested, more: false })
  })

  it('are events only when the outcome has changed', async () => {
    const { world } = await scheduled(1)
    for (const probe of [passes, passes, refuses, refuses, refuses, passes, passes]) {
      world.login.probe = probe
      expect((await run(world)).validate).toMatchObject({ count: 1 })
      world.advance(DAY + 1)
    }
    expect(world.probes).toHaveLength(7)
    const types = (await world.events()).filter((type) => type.startsWith('validation.'))
    expect(types).toEqual(['validation.passed', 'validation.failed', 'validation.passed'])
    expect(await rows('SELECT id FROM validations')).toHaveLength(7)
  })

  it('test a limited number of accounts in one run and the rest in the next', async () => {
    const { world } = await scheduled(85)
    expect((await run(world)).validate).toMatchObject({ count: 72, more: true })
    expect((await run(world)).validate).toMatchObject({ count: 13, more: false })
    expect(new Set(testedUsernames(world)).size).toBe(85)
  })

  it('test each account once when two runs overlap', async () => {
    const { world } = await scheduled(10)
    await Promise.all([run(world), run(world)])
    expect(testedUsernames(world)).toHaveLength(10)
  })

  it('that were interrupted are due again an hour later', async () => {
    const { world, ids } = await scheduled(1)
    const yesterday = new Date(world.clock.now.getTime() - DAY * 1000)
    const { maintenance } = world.services.store
    expect(await maintenance.claimAccounts(yesterday, 10)).toEqual(ids)
    await run(world)
    expect(world.probes).toEqual([])
    world.advance(HOUR + 1)
    await run(world)
    expect(world.probes).toHaveLength(1)
  })

  it('skip OAuth accounts while the integration is inactive', async () => {
    const { world } = await scheduled(0)
    await world.save(imapForm(await world.grant('alice@contoso.test')))
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect((await run(world)).validate).toMatchObject({ count: 0 })
    expect(await rows('SELECT id FROM validations')).toEqual([])
  })
})
