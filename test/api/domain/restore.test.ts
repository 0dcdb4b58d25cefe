/** After D1 was restored to an earlier point: older tokens, older keys, and nothing lost in silence. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createWorld, type WorldOptions } from '../harness.ts'
import { deployWith, k1, k2, valuesPerKey } from '../rotation.ts'
import { DAY, eventsOf, grantRow, HOUR, rows, run } from './maintenance/run.ts'

/** The table as it is now, as a statement that brings it back. */
async function backup(table: string): Promise<() => Promise<unknown>> {
  const kept = (await rows(`SELECT * FROM ${table}`)).map((row) =>
    Object.entries(row).filter(([name]) => !name.endsWith('_label')),
  )
  return () =>
    env.DB.batch([
      env.DB.prepare(`DELETE FROM ${table}`),
      ...kept.map((row) => {
        const names = row.map(([name]) => name).join()
        return env.DB.prepare(
          `INSERT INTO ${table} (${names}) VALUES (${row.map(() => '?').join()})`,
        ).bind(...row.map(([, value]) => value))
      }),
    ])
}

/** A grant that was refreshed twice since the backup, each time with a new refresh token. */
async function restored(options: WorldOptions = {}) {
  const world = await createWorld(options)
  await world.activate()
  const id = await world.grant('alice@contoso.test')
  const restore = await backup('grants')
  for (let times = 0; times < 2; times += 1) {
    world.advance(21 * DAY)
    await run(world)
  }
  await restore()
  return { world, id }
}

describe('a grant that a restore brought back', () => {
  it('goes on with its older refresh token, which Entra still takes', async () => {
    const { world, id } = await restored()
    expect((await run(world)).refresh).toMatchObject({ count: 1 })
    expect(await grantRow(id)).toMatchObject({ state: 'active', failures: 0 })
  })

  it('says that it must be reconnected where the older token is taken no more', async () => {
    const { world, id } = await restored({ entra: { strictRotation: true } })
    for (let hour = 0; hour < 3; hour += 1) {
      await run(world)
      world.advance(HOUR)
    }
    expect(await grantRow(id)).toMatchObject({ state: 'reconnect_required' })
    const told = (await eventsOf(id)).filter((type) => type === 'grant.reconnect_required')
    expect(told).toHaveLength(1)
  })

  it('waits for the key of its time, and goes on when that is put back', async () => {
    const world = await createWorld()
    await world.activate()
    const id = await world.grant('alice@contoso.test')
    const restore = await backup('grants')
    const rotated = deployWith(world, [k2, k1])
    await run(rotated)
    expect((await valuesPerKey(rotated)).k1).toBe(0)
    const alone = deployWith(world, [k2])
    await restore()
    world.advance(21 * DAY)
    const before = await grantRow(id)
    expect((await run(alone)).refresh).toMatchObject({ count: 0 })
    expect(await grantRow(id)).toEqual(before)
    expect((await run(deployWith(world, [k2, k1]))).refresh).toMatchObject({ count: 1 })
    expect(await grantRow(id)).toMatchObject({ state: 'active' })
  })
})
