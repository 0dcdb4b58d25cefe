/** A hash that only whoever holds the key ring can make: for what could be guessed from a plain one. */
import { encodeBase64Url } from '../../schema/base64.ts'
import type { RingKey } from '../../schema/settings.ts'

const utf8 = new TextEncoder()

/**
 * HMAC-SHA-256, base64url. Each purpose has a key of its own, by HKDF (RFC 5869): the ring's keys
 * encrypt, and do nothing else.
 */
export async function keyedHash({ key }: RingKey, purpose: string, text: string): Promise<string> {
  const root = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey'])
  const own = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(purpose) },
    root,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  )
  return encodeBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', own, utf8.encode(text))))
}
