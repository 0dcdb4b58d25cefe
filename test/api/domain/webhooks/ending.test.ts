/** A delivery run while the process ends: what is on its way is recorded, and the next run sends the rest. */
import { describe, expect, it } from 'vitest'
import { newEvent } from '../../../../api/domain/events.ts'
import { newId } from '../../../../api/domain/secrets.ts'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import type { Outside } from '../../../../api/services.ts'
import type { Webhook } from '../../../../schema/webhook.ts'
import { createWorld } from '../../harness.ts'

async function worldWithMessages(count: number, answer: () => Response, pause?: Outside['pause']) {
  const sent: string[] = []
  const world = await createWorld({
    externalFetch: async (input, init) => {
      sent.push(new Request(input, init).headers.get('webhook-id') ?? '')
      return answer()
    },
    outside: pause ? { pause } : {},
  })
  const created = await world.call('POST', '/v1/webhooks', { url: 'https://helpdesk.example.com' })
  const { id: webhookId } = await created.json<Webhook>()
  const { services } = world
  for (let index = 0; index < count; index += 1) {
    const event = newEvent(
      services,
      { actor: { type: 'system', id: null } },
      'webhook.tested',
      webhookId,
    )
    const delivery = {
      id: newId('delivery', services.random),
      webhookId,
      type: 'webhook.test' as const,
      payload: '{}',
    }
    await services.store.deliveries.add(delivery, services.now(), event)
  }
  return { world, sent }
}

describe('a delivery run', () => {
  it('sends no further message, and leaves each to the next run, which may come at once', async () => {
    const ending = new AbortController()
    const accept = () => {
      if (sent.length === 3) ending.abort()
      return new Response(null, { status: 204 })
    }
    const { world, sent } = await worldWithMessages(30, accept)
    await deliverWebhooks(world.services, ending.signal)
    expect(sent.length).toBeLessThanOrEqual(4)
    await deliverWebhooks(world.services)
    expect(sent).toHaveLength(30)
    expect(new Set(sent).size).toBe(30)
  })

  it('does not sit out a pause that the receiver asked for', async () => {
    const ending = new AbortController()
    const pauses: (AbortSignal | undefined)[] = []
    const busy = () => new Response(null, { status: 429, headers: { 'retry-after': '20' } })
    const { world, sent } = await worldWithMessages(30, busy, async (_ms, signal) => {
      pauses.push(signal)
      ending.abort()
    })
    await deliverWebhooks(world.services, ending.signal)
    expect(pauses).toEqual([ending.signal])
    expect(sent).toHaveLength(2)
  })
})
