/** Standard Webhooks 1.0.0: secrets, and signatures over id, time and body. */
import { decodeBase64, encodeBase64 } from '../../../schema/base64.ts'
import type { Random } from '../secrets.ts'

const PREFIX = 'whsec_'

/** Returns a secret of 256 random bits. */
export const newWebhookSecret = (random: Random): string => PREFIX + encodeBase64(random(32))

/** Returns headers with one signature per secret, newest first: a receiver with any of them can verify. */
export async function signatureHeaders(
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
