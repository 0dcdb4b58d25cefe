/** Random ids and secrets. */
import { encodeBase64Url } from '../../schema/base64.ts'
import { ID_PREFIXES, type IdKind } from '../../schema/common.ts'
import { sha256 } from '../hash.ts'

/** Returns `n` random bytes. Passed in, so that tests can repeat them. */
export type Random = (n: number) => Uint8Array<ArrayBuffer>

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Returns an ID such as `ma_...`, with 26 characters of base32, one from each random byte (130 bits). */
export function newId(kind: IdKind, random: Random): string {
  const tail = Array.from(random(26), (byte) => BASE32[byte & 31]).join('')
  return `${ID_PREFIXES[kind]}_${tail}`
}

/** Derives an id from a text, so that a repeated insert fails instead of creating a second row. */
export function deriveId(kind: IdKind, text: string): string {
  const bytes = sha256(text)
  return newId(kind, (n) => bytes.slice(0, n))
}

/** Returns a random id, or with `work` the same one for all attempts of an idempotent request. */
export const idOf = (kind: IdKind, work: string | undefined, random: Random) =>
  work === undefined ? newId(kind, random) : deriveId(kind, JSON.stringify([kind, work]))

/** Returns 256 random bits in base64url, 43 characters. */
export const newSecret = (random: Random): string => encodeBase64Url(random(32))
