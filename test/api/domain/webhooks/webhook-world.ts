/** Webhooks with pending messages, and the outcome of these. */
import { expect } from 'vitest'
import { newEvent } from '../../../../api/domain/events.ts'
import { newId } from '../../../../api/domain/secrets.ts'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import type { Webhook, WebhookDelivery } from '../../../../schema/webhook.ts'
import { createWorld, type World, type WorldOptions } from '../../harness.ts'

export const HOOK = 'https://helpdesk.example.com/hooks'

export const respond = (status: number) => () => new Response(null, { status })

export async function register(world: World, url = HOOK): Promise<string> {
  const response = await world.call('POST', '/v1/webhooks', { url })
  expect(response.status).toBe(201)
  return (await response.json<Webhook>()).id
}

/** Adds pending messages without triggering their delivery. Returns the id of the last one. */
export async function enqueue({ services }: World, webhookId: string, count = 1): Promise<string> {
  const actor = { type: 'system', id: null } as const
  let id = ''
  for (let index = 0; index < count; index += 1) {
    const event = newEvent(services, { actor }, 'webhook.tested', {
      id: webhookId,
      customer: null,
    })
    id = newId('delivery', services.random)
    const delivery = { id, webhookId, type: 'webhook.test' as const, payload: '{}' }
    await services.store.deliveries.add(delivery, services.now(), event)
  }
  return id
}

export const readWebhook = (world: World, id: string) => world.get<Webhook>(`/v1/webhooks/${id}`)

/** Returns the messages to a webhook, newest first. */
export async function messagesOf(world: World, id: string): Promise<WebhookDelivery[]> {
  const path = `/v1/webhooks/${id}/deliveries?limit=200`
  return (await world.get<{ data: WebhookDelivery[] }>(path)).data
}

/** Creates a world with a webhook and pending messages. `respond` gets the number of the request, and may be replaced. */
export async function worldWithMessages(
  count: number,
  respond: (request: number, signal?: AbortSignal | null) => Response | Promise<Response>,
  options: WorldOptions = {},
) {
  const receiver = { respond, requests: [] as string[] }
  const world = await createWorld({
    ...options,
    externalFetch: async (input, init) => {
      receiver.requests.push(new Request(input, init).headers.get('webhook-id') ?? '')
      return receiver.respond(receiver.requests.length, init?.signal)
    },
  })
  const id = await register(world)
  await enqueue(world, id, count)
  /** Runs a delivery and returns the number of requests. */
  const deliver = async () => {
    const before = receiver.requests.length
    await deliverWebhooks(world.services)
    return receiver.requests.length - before
  }
  return { world, id, receiver, deliver }
}
