/** A delivery run while the process ends: what is on its way is recorded, and the next run sends the rest. */
import { describe, expect, it } from 'vitest'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import { createAloneSince } from '../../../../api/services.ts'
import { respond, worldWithMessages } from './webhook-world.ts'

describe('a delivery run', () => {
  it('sends no further message, and leaves each to the next run, which may come at once', async () => {
    const ending = new AbortController()
    const { world, receiver } = await worldWithMessages(30, (request) => {
      if (request === 3) ending.abort()
      return new Response(null, { status: 204 })
    })
    const { requests: sent } = receiver
    await deliverWebhooks(world.services, ending.signal)
    expect(sent.length).toBeLessThanOrEqual(4)
    await deliverWebhooks(world.services)
    expect(sent).toHaveLength(30)
    expect(new Set(sent).size).toBe(30)
  })

  it('sends at once what the only process had leased when it died', async () => {
    const aloneSince = new Date('2026-11-24T09:00:01.000Z')
    const options = { outside: { aloneSince: () => +aloneSince } }
    const { world, id, deliver } = await worldWithMessages(2, respond(204), options)
    await world.services.store.deliveries.lease(id, 2, world.clock.now)
    world.advance(1)
    expect(await deliver()).toBe(2)
    expect(await deliver()).toBe(0)
  })

  it('leaves alone what another one sends, after a clock that was ahead is put back', async () => {
    const start = new Date('2026-11-24T10:00:00.000Z')
    const options = { outside: { aloneSince: createAloneSince(start) } }
    const { world, id, deliver } = await worldWithMessages(2, respond(204), options)
    world.advance(3599)
    await world.services.store.deliveries.lease(id, 2, world.clock.now)
    expect(await deliver()).toBe(0)
    world.advance(119)
    expect(await deliver()).toBe(0)
    world.advance(1)
    expect(await deliver()).toBe(2)
  })

  it('does not sit out a pause that the receiver asked for', async () => {
    const ending = new AbortController()
    const pauses: (AbortSignal | undefined)[] = []
    const busy = () => new Response(null, { status: 429, headers: { 'retry-after': '20' } })
    const pause = async (_ms: number, signal?: AbortSignal) => {
      pauses.push(signal)
      ending.abort()
    }
    const { world, receiver } = await worldWithMessages(30, busy, { outside: { pause } })
    await deliverWebhooks(world.services, ending.signal)
    expect(pauses).toEqual([ending.signal])
    expect(receiver.requests).toHaveLength(2)
  })
})
