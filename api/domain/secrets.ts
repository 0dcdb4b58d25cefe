/** Random ids and secrets. Secrets are stored and compared as SHA-256 hashes only. */
import { encodeBase64Url } from '../../schema/base64.ts'
import { ID_PREFIXES, type IdKind } from '../../schema/common.ts'

/** Returns `n` random bytes. Passed in, so that tests can repeat them. */
export type Random = (n: number) => Uint8Array<ArrayBuffer>

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Returns an id such as `ma_...`: 26 characters of base32, each from a random byte of its own (130 bits). */
export function newId(kind: IdKind, random: Random): string {
  const tail = Array.from(random(26), (byte) => BASE32[byte & 31]).join('')
  return `${ID_PREFIXES[kind]}_${tail}`
}

/** Derives an id from a text, so that a repeated insert fails instead of creating a second row. */
export async function deriveId(kind: IdKind, text: string): Promise<string> {
  const bytes = await sha256(text)
  return newId(kind, (n) => bytes.slice(0, n))
}

/** Returns a random id, or with `work` the same one for all attempts of an idempotent request. */
export const idOf = async (kind: IdKind, work: string | undefined, random: Random) =>
  work === undefined ? newId(kind, random) : deriveId(kind, JSON.stringify([kind, work]))

/** Returns 256 random bits in base64url, 43 characters. */
export const newSecret = (random: Random): string => encodeBase64Url(random(32))

export async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** Hashes a secret for storage. A plain hash suffices for 256 random bits. */
export const hashSecret = async (secret: string): Promise<string> =>
  encodeBase64Url(await sha256(secret))

/** Compares two secrets in constant time, by their digests, which have equal length. */
export async function sameSecret(presented: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(presented), sha256(expected)])
  return crypto.subtle.timingSafeEqual(a, b)
}

/** Compares a secret with a stored hash. Takes equally long without one, and returns false. */
export const matchesHash = async (
  presented: string,
  hash: string | null | undefined,
): Promise<boolean> => sameSecret(await hashSecret(presented), hash ?? '')
