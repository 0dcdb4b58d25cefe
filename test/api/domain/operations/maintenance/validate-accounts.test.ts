import { describe, expect, it } from 'vitest'
import { RUN_LIMITS } from '../../../../../api/node/schedule.ts'
import { INVOCATION_LIMITS } from '../../../../../api/services.ts'
import { secrets } from '../../../../sandbox/personas.ts'
import { denies, graphAccountWorld, permits, replyOf } from '../../../graph-world.ts'
import {
  activeMailWorld,
  imapForm,
  type MailWorld,
  passes,
  passwordForm,
  refuses,
  unanswered,
} from '../../../mail-world.ts'
import { deployWith, k2 } from '../../../rotation.ts'
import { rows } from '../../../sql.ts'
import { DAY, enterSecret, HOUR, run, runAfter } from './run.ts'

async function scheduled(
  accounts: number,
  hours: number | null = 24,
  runLimits = INVOCATION_LIMITS,
) {
  const world = await activeMailWorld({
    settings: { validateEveryHours: hours },
    outside: { runLimits },
  })
  const ids: string[] = []
  for (let index = 0; index < accounts; index += 1) {
    ids.push((await world.save(passwordForm({ username: `desk${index}@example.org` }))).id)
  }
  return { world, ids }
}

const MINUTE = 60
/** A period in hours in which a few accounts keep the runs as busy as a large deployment does. */
const BUSY = 1 / 50

/** Runs the maintenance every minute for this many seconds. Returns how many accounts each run validated. */
async function runFor(world: MailWorld, seconds: number): Promise<number[]> {
  const counts: number[] = []
  for (let at = 0; at < seconds; at += MINUTE) {
    counts.push((await run(world)).validate?.count ?? 0)
    world.advance(MINUTE)
  }
  return counts
}

const testedUsernames = (world: MailWorld) => world.probes.map(({ identity }) => identity)

describe('validations on a schedule', { timeout: 30_000 }, () => {
  it('are off if the operator says so', async () => {
    const { world } = await scheduled(1, null)
    expect((await run(world)).validate).toMatchObject({ count: 0, more: false })
    expect(world.probes).toEqual([])
  })

  it('pass over the accounts of a suspended customer', async () => {
    const { world } = await scheduled(1)
    await world.save(passwordForm({ username: 'acme@example.org', customer: 'acme' }))
    await world.call('POST', '/v1/customers/acme/suspend')
    await runFor(world, 3 * MINUTE)
    expect(testedUsernames(world)).toEqual(['desk0@example.org'])
  })

  it('test each account once per period', async () => {
    const { world, ids } = await scheduled(3)
    expect(await runFor(world, 4 * MINUTE)).toEqual([1, 1, 1, 0])
    expect((await world.read(ids[0] ?? '')).health).toBe('ok')
    for (let hour = 1; hour < 24; hour += 1) {
      await run(world)
      world.advance(HOUR)
    }
    expect(testedUsernames(world)).toHaveLength(3)
    world.advance(HOUR)
    await runFor(world, 4 * MINUTE)
    expect(testedUsernames(world)).toHaveLength(6)
  })

  it('are spread over the period when all accounts are due, and stay so', async () => {
    const { world } = await scheduled(90, 1)
    const first = await runFor(world, HOUR)
    expect(Math.max(...first)).toBe(2)
    expect(first.filter((count) => count > 0)).toHaveLength(45)
    expect(new Set(testedUsernames(world)).size).toBe(90)
    const second = await runFor(world, HOUR)
    expect(Math.max(...second)).toBe(2)
    expect(testedUsernames(world)).toHaveLength(180)
  })

  it('are as many in a run as the runtime permits', async () => {
    const limited = await scheduled(12, BUSY, { ...INVOCATION_LIMITS, validations: 5 })
    expect((await run(limited.world)).validate).toMatchObject({ count: 5, more: true })
    const short = await scheduled(12, BUSY, { ...INVOCATION_LIMITS, queries: 80 })
    expect((await run(short.world)).validate?.more).toBe(true)
    const late = await scheduled(1, BUSY, { ...RUN_LIMITS, milliseconds: 0 })
    expect((await run(late.world)).validate).toMatchObject({ count: 0, more: true })
    const free = await scheduled(12, BUSY, { ...RUN_LIMITS, queries: Number.POSITIVE_INFINITY })
    expect((await run(free.world)).validate).toMatchObject({ count: 12, more: false })
  })

  it('do not catch up all at once after a pause', async () => {
    const { world } = await scheduled(90, 1)
    await runFor(world, HOUR)
    world.advance(3 * DAY)
    expect((await run(world)).validate).toMatchObject({ count: 2, more: false })
  })

  it('skip accounts that were validated in the meantime', async () => {
    const { world, ids } = await scheduled(2)
    await runFor(world, 2 * MINUTE)
    world.advance(12 * HOUR)
    await world.validateSaved(ids[0] ?? '')
    world.probes.length = 0
    await runAfter(world, 12 * HOUR + 1)
    await runAfter(world, MINUTE)
    expect(testedUsernames(world)).toEqual(['desk1@example.org'])
    await runAfter(world, 12 * HOUR)
    expect(testedUsernames(world)).toEqual(['desk1@example.org', 'desk0@example.org'])
  })

  it('call an account failing only when its login was actually refused', async () => {
    const { world, ids } = await scheduled(1)
    const [id = ''] = ids
    await run(world)
    world.login.probe = unanswered
    await runAfter(world, DAY + 1)
    expect((await world.read(id)).health).toBe('ok')
    expect(await world.events()).toContain('validation.inconclusive')
    world.login.probe = refuses
    await runAfter(world, DAY + 1)
    expect((await world.read(id)).health).toBe('failing')
    world.login.probe = passes
    await runAfter(world, DAY + 1)
    expect((await world.read(id)).health).toBe('ok')
  })

  it('stop after a few inconclusive results', async () => {
    const { world } = await scheduled(20, BUSY)
    world.login.probe = unanswered
    expect((await run(world)).validate).toMatchObject({ level: 'warn', more: true })
    expect(world.probes.length).toBeLessThanOrEqual(7)
    const tested = world.probes.length
    world.login.probe = passes
    expect((await run(world)).validate).toMatchObject({ count: 20 - tested, more: false })
  })

  it('of an account that cannot be opened are made up for once the key is back', async () => {
    const { world } = await scheduled(1)
    await run(deployWith(world, [k2]))
    expect(world.probes).toEqual([])
    await runAfter(world, HOUR + 1)
    expect(world.probes).toHaveLength(1)
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

  it('test each account once when two runs overlap', async () => {
    const { world } = await scheduled(10, BUSY)
    await Promise.all([run(world), run(world)])
    expect(testedUsernames(world)).toHaveLength(10)
  })

  it('that were interrupted are due again an hour later', async () => {
    const { world, ids } = await scheduled(1)
    const yesterday = new Date(world.clock.now.getTime() - DAY * 1000)
    const { maintenance } = world.services.store
    expect(await maintenance.claimAccounts(yesterday, world.clock.now, 10)).toEqual(ids)
    await run(world)
    expect(world.probes).toEqual([])
    await runAfter(world, HOUR + 1)
    expect(world.probes).toHaveLength(1)
  })

  it('do not call a mailbox failing whose sign-in Microsoft refuses, nor report it twice', async () => {
    const { world } = await scheduled(0)
    const { id } = await world.save(imapForm(await world.grant('alice@contoso.test')))
    await run(world)
    world.entra.control.revoke('alice@contoso.test')
    world.advance(DAY + 1)
    expect((await run(world)).validate).toMatchObject({ count: 1 })
    expect((await world.read(id)).health).toBe('reconnect_required')
    const types = await world.events()
    expect(types).toContain('grant.reconnect_required')
    expect(types).not.toContain('validation.failed')
    expect((await world.read(id)).last_validation?.outcome).toBe('passed')
  })

  it('leave all mailboxes as they are while Microsoft refuses the client secret', async () => {
    const { world } = await scheduled(0)
    const ids: string[] = []
    for (let index = 0; index < 3; index += 1) {
      ids.push((await world.save(imapForm(await world.grant('alice@contoso.test')))).id)
    }
    await runFor(world, 4 * MINUTE)
    await enterSecret(world, 'Wrong~sandbox.Contoso-mailgrant.Value9')
    world.advance(DAY + 1)
    await runFor(world, 4 * MINUTE)
    for (const id of ids) expect((await world.read(id)).health).toBe('ok')
    const types = await world.events()
    expect(types).not.toContain('validation.failed')
    expect(types.filter((type) => type === 'integration.credential_rejected')).toHaveLength(1)
  })

  it('never ask Graph, except once after a problem of the token', async () => {
    const { world, id, graph, seen } = await graphAccountWorld(
      {},
      { settings: { validateEveryHours: 24 } },
    )
    const next = async () => {
      await runAfter(world, DAY + 1)
      return [seen.length, (await world.read(id)).health]
    }
    expect(await next()).toEqual([0, 'ok'])
    // Graph's refusal remains until a person or a key asks again.
    graph.respond = denies
    await world.validateSaved(id)
    graph.respond = permits
    expect(await next()).toEqual([1, 'failing'])
    await world.validateSaved(id)
    expect(await next()).toEqual([2, 'ok'])
    await enterSecret(world, 'Wrong~sandbox.Contoso-mailgrant.Value9')
    world.advance(2 * HOUR)
    expect((await world.validateSaved(id)).outcome).toBe('failed')
    await enterSecret(world, secrets.current)
    expect(await next()).toEqual([3, 'ok'])
    expect(await next()).toEqual([3, 'ok'])
  })

  it.each([
    ['404 MailboxNotEnabledForRESTAPI', 'unverified'],
    ['503 ErrorServerBusy', 'ok'],
    ['429 ApplicationThrottled', 'ok'],
    ['ECONNRESET', 'ok'],
  ])('ask Graph once after such a problem, also if the response is %s', async (reply, later) => {
    const { world, id, graph, seen } = await graphAccountWorld(
      {},
      { settings: { validateEveryHours: 24 } },
    )
    await enterSecret(world, 'Wrong~sandbox.Contoso-mailgrant.Value9')
    world.advance(2 * HOUR)
    expect((await world.validateSaved(id)).outcome).toBe('failed')
    await enterSecret(world, secrets.current)
    graph.respond = () => replyOf(reply)
    await runAfter(world, DAY + 1)
    expect([seen.length, (await world.read(id)).health]).toEqual([1, 'unverified'])
    await runAfter(world, DAY + 1)
    expect([seen.length, (await world.read(id)).health]).toEqual([1, later])
  })

  it('skip OAuth accounts while the integration is inactive', async () => {
    const { world } = await scheduled(0)
    await world.save(imapForm(await world.grant('alice@contoso.test')))
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect((await run(world)).validate).toMatchObject({ count: 0 })
    expect(await rows('SELECT id FROM validations')).toEqual([])
  })
})
