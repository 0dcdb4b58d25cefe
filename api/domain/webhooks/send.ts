/** One request to a webhook endpoint. */
import { SECOND_MS } from '../../../schema/durations.ts'
import {
  type LeasedDelivery,
  MAX_RETRY_AFTER_MS,
  type SendTarget,
  WebhookNotSent,
} from '../../model/webhook.ts'
import { parseRetryAfter } from '../../retry-after.ts'
import type { Services } from '../../services.ts'
import { checkAddress } from './address.ts'
import { signatureHeaders } from './sign.ts'

/** Receivers are expected to accept a message at once and process it later. */
export const TIMEOUT_MS = 15 * SECOND_MS

export type SendResult = {
  /** HTTP status; null without a response. */
  status: number | null
  /** Null if the receiver accepted the message. */
  error: string | null
  timedOut?: boolean
  /** Seconds that the receiver asked to wait. */
  retryAfter?: number | null
}

/** Signs and sends a message. Throws on an internal error only, not because of the receiver. */
export const send = async (
  services: Services,
  { url, secrets }: SendTarget,
  delivery: LeasedDelivery,
): Promise<SendResult> =>
  post(services, url, await signatureHeaders(delivery, secrets, services.now()), delivery.payload)

/** Sends a JSON body. Throws on an internal error only, not because of the receiver. */
export async function post(
  services: Services,
  url: string,
  addedHeaders: Record<string, string>,
  body: string,
): Promise<SendResult> {
  // The settings may have become stricter since the webhook was saved.
  if (!checkAddress(url, services.settings).ok) {
    return { status: null, error: 'The address is no longer allowed. Enter a different one.' }
  }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Mailgrant',
    ...addedHeaders,
  }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const init = { method: 'POST', headers, body, redirect: 'manual', signal } as const
    const response = await services.fetchWebhook(url, init)
    const { status, ok } = response
    // The body is not used, and may be long.
    await response.body?.cancel().catch(() => {})
    if (ok) return { status, error: null }
    const header = response.headers.get('retry-after')
    const retryAfter = parseRetryAfter(header, services.now(), MAX_RETRY_AFTER_MS / SECOND_MS)
    return { status, error: describeStatus(status), retryAfter }
  } catch (error) {
    // The invocation may be allowed fewer requests than expected.
    if (error instanceof Error && error.message.startsWith('Too many subrequests')) throw error
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    return { status: null, error: describeError(error, timedOut), timedOut }
  }
}

function describeError(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'The receiver did not respond within 15 seconds.'
  if (!(error instanceof WebhookNotSent)) return 'The receiver could not be reached.'
  const { why } = error
  return why.reason === 'private_address'
    ? 'The host resolves to an address on a private network, which webhooks may not reach. Enter a public address, or have the operator name this host in WEBHOOK_PRIVATE_HOSTS.'
    : `The proxy did not connect to the receiver: it responded with ${why.status}.`
}

const describeStatus = (status: number) =>
  status >= 300 && status < 400
    ? 'The receiver responded with a redirect, which is not followed. Enter the final address.'
    : `The receiver responded with ${status}. Only a status from 200 to 299 confirms the delivery.`
