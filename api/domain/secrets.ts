/** Random ids and secrets, and how secrets are stored and compared: by SHA-256 only. */
import { encodeBase64Url } from '../../schema/base64.ts'
import { ID_PREFIXES, type IdKind } from '../../schema/common.ts'

/** `n` random bytes; crypto.getRandomValues behind it, passed in so that tests can repeat. */
export type Random = (n: number) => Uint8Array<ArrayBuffer>

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** `ma_...`: 26 characters of base32, 130 bits. One character per byte keeps every bit uniform. */
export function newId(kind: IdKind, random: Random): string {
  const tail = Array.from(random(26), (byte) => BASE32[byte & 31]).join('')
  return `${ID_PREFIXES[kind]}_${tail}`
}

/** The same id for the same text: whoever makes it twice makes it once. */
export async function idFrom(kind: IdKind, text: string): Promise<string> {
  const bytes = await sha256(text)
  return newId(kind, (n) => bytes.slice(0, n))
}

/** Of what one request makes: with `work` the same id for each try of it, so that it is made once. */
export const idOf = async (kind: IdKind, work: string | undefined, random: Random) =>
  work === undefined ? newId(kind, random) : idFrom(kind, JSON.stringify([kind, work]))

/** 256 bits, base64url, 43 characters. */
export const newSecret = (random: Random): string => encodeBase64Url(random(32))

export async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** What is stored of a secret. A plain hash does: the secret has 256 random bits. */
export const hashSecret = async (secret: string): Promise<string> =>
  encodeBase64Url(await sha256(secret))

/** Compares two secrets in constant time: digests have equal length, whatever was presented. */
export async function sameSecret(presented: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(presented), sha256(expected)])
  return crypto.subtle.timingSafeEqual(a, b)
}

/** Compares a secret with a stored hash. Takes equally long without one, and returns false. */
export const matchesHash = async (
  presented: string,
  hash: string | null | undefined,
): Promise<boolean> => sameSecret(await hashSecret(presented), hash ?? '')
