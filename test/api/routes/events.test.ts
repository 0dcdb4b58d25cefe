import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../schema/event.ts'
import { activeWorld, type World } from '../harness.ts'

const list = (world: World, query: string) =>
  world.get<{ data: AuditEvent[] }>(`/v1/events${query}`)

/** Creates five events: activated, settings changed, deactivated, activated, deactivated. */
async function history() {
  const world = await activeWorld()
  for (const step of ['deactivate', 'activate', 'deactivate']) {
    world.advance(1)
    await world.call('POST', `/v1/integrations/microsoft/${step}`)
  }
  return world
}

describe('the audit trail', () => {
  it('lists actor, type and time of each event, newest first', async () => {
    const world = await history()
    const { data } = await list(world, '')
    expect(data).toHaveLength(6)
    expect(data[0]).toMatchObject({
      id: expect.stringMatching(/^ev_/),
      type: 'integration.deactivated',
      at: world.clock.now.toISOString(),
      actor: { type: 'key' },
    })
    const times = data.map(({ at }) => at)
    expect(times).toEqual(times.toSorted().reverse())
  })

  it('filters by type and rejects an unknown type', async () => {
    const world = await history()
    const { data } = await list(world, '?type=integration.deactivated')
    expect(data.map(({ type }) => type)).toEqual(Array(2).fill('integration.deactivated'))
    expect((await world.call('GET', '/v1/events?type=integration.exploded')).status).toBe(422)
  })
})
