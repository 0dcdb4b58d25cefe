/** A hash that requires the key ring, for values that could be guessed from a plain one. */
import { encodeBase64Url } from '../../schema/base64.ts'
import type { RingKey } from '../../schema/settings.ts'

const utf8 = new TextEncoder()

/**
 * Returns the HMAC-SHA-256 in base64url. Its key is derived per purpose with HKDF (RFC 5869), since the
 * ring's keys are used for encryption only.
 */
export async function keyedHash({ key }: RingKey, purpose: string, text: string): Promise<string> {
  const root = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey'])
  const hmacKey = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(purpose) },
    root,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  )
  return encodeBase64Url(
    new Uint8Array(await crypto.subtle.sign('HMAC', hmacKey, utf8.encode(text))),
  )
}
