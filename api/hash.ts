/** SHA-256 and its constant-time comparison. Workers and Node both have `node:crypto`, without a promise. */
import { hash as digest, timingSafeEqual } from 'node:crypto'
import { decodeBase64Url, encodeBase64Url } from '../schema/base64.ts'

export const sha256 = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(digest('sha256', text, 'buffer'))

/** Hashes a secret for storage, in base64url. A plain hash suffices for 256 random bits. */
export const hashSecret = (secret: string): string => encodeBase64Url(sha256(secret))

/** Compares a secret with a stored hash in constant time. Takes equally long without one, and returns false. */
export function matchesHash(presented: string, hash: string | null | undefined): boolean {
  const stored = HASH_FORMAT.test(hash ?? '') ? decodeBase64Url(hash ?? '') : NO_HASH
  return timingSafeEqual(sha256(presented), stored)
}

const HASH_FORMAT = /^[\w-]{43}$/
/** No secret is known to have this hash. */
const NO_HASH = new Uint8Array(32)
