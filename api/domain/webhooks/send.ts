/** One request to a webhook endpoint. */
import { decodeBase64, encodeBase64 } from '../../../schema/base64.ts'
import { SECOND_MS } from '../../../schema/durations.ts'
import {
  type LeasedDelivery,
  MAX_RETRY_AFTER_MS,
  type SendTarget,
  WebhookNotSent,
} from '../../model/webhook.ts'
import { parseRetryAfter } from '../../retry-after.ts'
import type { Services } from '../../services.ts'
import type { Random } from '../secrets.ts'
import { checkAddress } from './address.ts'

/** Receivers are expected to accept a message at once and process it later. */
const TIMEOUT_MS = 15 * SECOND_MS

export type SendResult = {
  /** HTTP status; null without a response. */
  status: number | null
  /** Null if the receiver accepted the message. */
  error: string | null
  timedOut?: boolean
  /** True if the message may have been sent and a copy could not be recognised, so that it is not sent again. */
  isFinal?: boolean
  /** Seconds that the receiver asked to wait. */
  retryAfter?: number | null
}

/** Signs and sends a message. Throws on an internal error only, not because of the receiver. */
export const send = async (
  services: Services,
  { url, customer, secrets }: SendTarget,
  delivery: LeasedDelivery,
): Promise<SendResult> => {
  const headers = await signatureHeaders(delivery, secrets, services.now())
  return post(services, { url, customer }, headers, delivery.payload)
}

/** Sends a JSON body. Throws on an internal error only, not because of the receiver. */
export async function post(
  services: Services,
  { url, customer }: Pick<SendTarget, 'url' | 'customer'>,
  addedHeaders: Record<string, string>,
  body: string,
): Promise<SendResult> {
  // The settings may have become stricter since the webhook was saved.
  if (!checkAddress(url, services.settings, customer).ok) {
    return { status: null, error: 'The address is no longer allowed. Enter a different one.' }
  }
  const headers = { 'content-type': 'application/json', 'user-agent': 'Mailgrant', ...addedHeaders }
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
    // The Worker has made too many requests in this invocation, which says nothing about the receiver.
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
    ? "The host resolves to an address on a private network, which webhooks aren't allowed to reach. Enter a public address, or ask your Mailgrant administrator to add this host to WEBHOOK_PRIVATE_HOSTS."
    : `The proxy did not connect to the receiver: it responded with ${why.status}.`
}

const describeStatus = (status: number) =>
  status >= 300 && status < 400
    ? 'The receiver responded with a redirect, which is not followed. Enter the final address.'
    : `The receiver responded with ${status}. Only a status from 200 to 299 confirms the delivery.`

const PREFIX = 'whsec_'

/** Returns a secret of 256 random bits. */
export const newWebhookSecret = (random: Random): string => PREFIX + encodeBase64(random(32))

/** Returns headers with one signature per secret, newest first, so a receiver with any of them can verify. */
async function signatureHeaders(
  message: { id: string; payload: string },
  secrets: readonly string[],
  now: Date,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const signed = new TextEncoder().encode(`${message.id}.${timestamp}.${message.payload}`)
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, signed)))
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  }
}

async function sign(secret: string, bytes: Uint8Array): Promise<string> {
  const raw = decodeBase64(secret.slice(PREFIX.length))
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', raw, hmac, false, ['sign'])
  return encodeBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)))
}
