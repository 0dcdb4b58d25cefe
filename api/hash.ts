/**
 * SHA-256, its comparison in constant time, and HMAC. Workers and Node both have `node:crypto`, whose functions do not
 * switch to another thread as WebCrypto's do.
 */
import {
  createHmac,
  createSecretKey,
  hash as digest,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { decodeBase64Url, encodeBase64Url } from '../schema/base64.ts'
import type { RingKey } from '../schema/settings.ts'

export const sha256 = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(digest('sha256', text, 'buffer'))

/** Hashes a secret for storage, in base64url. A plain hash suffices for 256 random bits. */
export const hashSecret = (secret: string): string => encodeBase64Url(sha256(secret))

/** Compares a secret with a stored hash in constant time. Takes equally long without one, and returns false. */
export const matchesHash = (presented: string, stored: string | null | undefined): boolean =>
  equalsStored(sha256(presented), stored)

/** Compares a hash with a stored one, as matchesHash() does. */
export const equalsHash = (hash: string, stored: string | null | undefined): boolean =>
  equalsStored(decodeBase64Url(hash), stored)

function equalsStored(hash: Uint8Array, stored: string | null | undefined): boolean {
  const expected = HASH_FORMAT.test(stored ?? '') ? decodeBase64Url(stored ?? '') : NO_HASH
  return timingSafeEqual(hash, expected)
}

const HASH_FORMAT = /^[\w-]{43}$/
/** Compared if there is no stored hash. No known secret has this hash. */
const NO_HASH = new Uint8Array(32)

/**
 * Returns the HMAC-SHA-256 in base64url, for values that could be guessed from a plain hash. Its key is derived
 * per purpose with HKDF (RFC 5869), since the ring's keys are used for encryption only.
 */
export const keyedHash = (key: RingKey, purpose: string, text: string): string =>
  createHmac('sha256', hmacKey(key, purpose)).update(text).digest('base64url')

/** Keeps each derived key, since deriving it takes longer than hashing a short text. */
const hmacKeys = new WeakMap<RingKey, Map<string, KeyObject>>()

function hmacKey(ringKey: RingKey, purpose: string): KeyObject {
  const ofRingKey = hmacKeys.get(ringKey) ?? new Map<string, KeyObject>()
  const derived =
    ofRingKey.get(purpose) ??
    createSecretKey(new Uint8Array(hkdfSync('sha256', ringKey.key, new Uint8Array(), purpose, 32)))
  hmacKeys.set(ringKey, ofRingKey.set(purpose, derived))
  return derived
}
