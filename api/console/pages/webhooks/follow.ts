/** Follows one message until it was tried, by reading the list of deliveries. */
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, type ListPage } from '../../api.ts'
import { wasTried } from './words.ts'

/** Longest wait for a message, in seconds: a receiver has 15, and others may be sent first. */
export const MOST = 20
const EVERY = 500

/** `cursor` leads to the page that holds it. Null when it was not tried in time. */
export async function follow(
  webhookId: string,
  deliveryId: string,
  signal: AbortSignal,
  cursor: string | null = null,
): Promise<WebhookDelivery | null> {
  const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
  const path = `/v1/webhooks/${webhookId}/deliveries?${query}`
  for (const end = Date.now() + MOST * 1000; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, EVERY))
    const page = await get<ListPage<WebhookDelivery>>(path, signal)
    const found = page.data.find(({ id }) => id === deliveryId)
    if (found && wasTried(found)) return found
  }
  return null
}
