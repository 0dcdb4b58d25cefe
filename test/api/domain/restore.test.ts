/** A restore of D1 to an earlier point: older tokens, older keys, and no silent loss. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { activeWorld, type WorldOptions } from '../harness.ts'
import { deployWith, k1, k2, valuesPerKey } from '../rotation.ts'
import { eventsOf, rows } from '../sql.ts'
import { DAY, grantRow, HOUR, run, runAfter } from './operations/maintenance/run.ts'

/** Saves the grants with their tokens and returns a function that restores them. */
async function backup(): Promise<() => Promise<unknown>> {
  const inserts: D1PreparedStatement[] = []
  for (const table of ['grants', 'grant_tokens']) {
    for (const row of await rows(`SELECT * FROM ${table}`)) {
      const columns = Object.entries(row).filter(([name]) => !name.endsWith('_label'))
      const names = columns.map(([name]) => name).join()
      const insert = `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => '?').join()})`
      inserts.push(env.DB.prepare(insert).bind(...columns.map(([, value]) => value)))
    }
  }
  return () => env.DB.batch([env.DB.prepare('DELETE FROM grants'), ...inserts])
}

/** Restores a grant that was refreshed twice since the backup, each time with a new refresh token. */
async function restored(options: WorldOptions = {}) {
  const world = await activeWorld(options)
  const id = await world.grant('alice@contoso.test')
  const restore = await backup()
  for (let times = 0; times < 2; times += 1) {
    await runAfter(world, 21 * DAY)
  }
  await restore()
  return { world, id }
}

describe('a restored grant', () => {
  it('continues with its older refresh token, which Entra still accepts', async () => {
    const { world, id } = await restored()
    expect((await run(world)).refresh).toMatchObject({ count: 1 })
    expect(await grantRow(id)).toMatchObject({ state: 'active', failures: 0 })
  })

  it('must be reconnected when Entra no longer accepts the older token', async () => {
    const { world, id } = await restored({ entra: { strictRotation: true } })
    for (let hour = 0; hour < 3; hour += 1) {
      await run(world)
      world.advance(HOUR)
    }
    expect(await grantRow(id)).toMatchObject({ state: 'reconnect_required' })
    const reconnectEvents = (await eventsOf(id)).filter(
      (type) => type === 'grant.reconnect_required',
    )
    expect(reconnectEvents).toHaveLength(1)
  })

  it('waits for the encryption key it was sealed with, and continues once that is back', async () => {
    const world = await activeWorld()
    const id = await world.grant('alice@contoso.test')
    const restore = await backup()
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
