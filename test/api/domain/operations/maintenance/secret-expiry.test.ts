import { describe, expect, it } from 'vitest'
import { app, secrets } from '../../../../sandbox/personas.ts'
import { createWorld, type World } from '../../../harness.ts'
import { eventsOf, rows } from '../../../sql.ts'
import { DAY, enterSecret, run, runAfter } from './run.ts'

/** Reads the days left of each warning; 0 means expired. */
const warnings = async () =>
  (
    await rows<{ data: string }>(
      "SELECT data FROM events WHERE type LIKE 'integration.secret_%' ORDER BY rowid",
    )
  ).map(({ data }) => (JSON.parse(data) as { days_left: number }).days_left)

async function runDaily(world: World, days: number) {
  for (let day = 0; day < days; day += 1) {
    await run(world)
    world.advance(DAY)
  }
}

describe('the expiry of a client secret', () => {
  it('is announced once 30, 7 and 1 days ahead, and once when it has come', async () => {
    const world = await createWorld()
    await enterSecret(world, secrets.current, 32)
    await runDaily(world, 35)
    expect(await warnings()).toEqual([30, 7, 1, 0])
    const announced = (await eventsOf('microsoft')).filter((type) => type.includes('.secret_'))
    expect(announced).toEqual([
      'integration.secret_expiring',
      'integration.secret_expiring',
      'integration.secret_expiring',
      'integration.secret_expired',
    ])
  })

  it.each([
    [7, [1, 0]],
    [30, [5, 1, 0]],
    [90, [15, 7, 1, 0]],
    [180, [30, 7, 1, 0]],
    [730, [30, 7, 1, 0]],
  ])(
    'is announced in the last sixth of the lifetime of a certificate for %i days',
    async (days, left) => {
      const world = await createWorld()
      const response = await world.call('PUT', '/v1/integrations/microsoft/settings', {
        client_id: app.clientId,
        credential: { type: 'certificate', lifetime_days: days },
      })
      expect(response.status).toBe(200)
      await run(world)
      expect(await warnings()).toEqual([])
      world.advance((days - Math.min(days, 32)) * DAY)
      await runDaily(world, 34)
      expect(await warnings()).toEqual(left)
    },
  )

  it('is announced only by the latest due warning when it was entered late or runs were missed', async () => {
    const world = await createWorld()
    await enterSecret(world, secrets.current, 5)
    await run(world)
    expect(await warnings()).toEqual([5])
    await runAfter(world, 6 * DAY)
    expect(await warnings()).toEqual([5, 0])
  })

  it('is announced again for a new secret', async () => {
    const world = await createWorld()
    await enterSecret(world, secrets.current, 20)
    await run(world)
    await enterSecret(world, secrets.next, 25)
    await run(world)
    await run(world)
    expect(await warnings()).toEqual([20, 25])
  })

  it('is announced once when two runs overlap', async () => {
    const world = await createWorld()
    await enterSecret(world, secrets.current, 3)
    await Promise.all([run(world), run(world)])
    expect(await warnings()).toEqual([3])
  })

  it('is not announced when it is unknown', async () => {
    const world = await createWorld()
    await enterSecret(world, secrets.current)
    await runAfter(world, 900 * DAY)
    expect(await warnings()).toEqual([])
  })
})
