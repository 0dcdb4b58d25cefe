/** Standard Webhooks 1.0.0: secrets, and signatures over id, time and body. */
import type { Random } from '../secrets.ts'

const PREFIX = 'whsec_'

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))

/** 256 random bits. */
export const newWebhookSecret = (random: Random): string => PREFIX + base64(random(32))

/** One signature per secret, newest first: whoever knows one of them can check. */
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
  const raw = Uint8Array.from(atob(secret.slice(PREFIX.length)), (c) => c.charCodeAt(0))
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', raw, hmac, false, ['sign'])
  return base64(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)))
}
