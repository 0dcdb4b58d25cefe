/** Waits until one message was tried, by reading the list of deliveries. */
import type { WebhookDelivery } from '../../../../schema/webhook.ts'
import { get, type ListPage } from '../../api.ts'
import { wasTried } from './words.ts'

/** A receiver has 15 seconds, and other messages may be sent first. */
export const MAX_WAIT_SECONDS = 20
const POLL_MS = 500

/** Resolves with the message, or null if it was not tried in time. `cursor`: that of the page that lists it. */
export async function waitForAttempt(
  webhookId: string,
  deliveryId: string,
  signal: AbortSignal,
  cursor: string | null = null,
): Promise<WebhookDelivery | null> {
  const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) })
  const path = `/v1/webhooks/${webhookId}/deliveries?${query}`
  for (const end = Date.now() + MAX_WAIT_SECONDS * 1000; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const page = await get<ListPage<WebhookDelivery>>(path, signal)
    const found = page.data.find(({ id }) => id === deliveryId)
    if (found && wasTried(found)) return found
  }
  return null
}
