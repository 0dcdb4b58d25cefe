/**
 * Encryption at rest: compact JWE, `dir` + A256GCM, newest key of the ring. The protected header
 * names table, row and column, which are compared after opening: a ciphertext that was moved to
 * another row does not open, even by someone who can write to the database.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors } from 'jose'
import type { KeyRing } from '../../schema/settings.ts'

/** Where a ciphertext lives: `grants`, its row id, `access_token`. */
export type Place = { table: string; row: string; column: string }

/** The ring lacks the key that sealed this row. Nothing is changed; the operator must add the key. */
export class KeyMissing extends Error {
  readonly kid: string
  constructor(kid: string) {
    super(`the encryption key "${kid}" is not in the ring`)
    this.name = 'KeyMissing'
    this.kid = kid
  }
}

/** A ciphertext that is damaged or stands in the wrong place. */
export class SealBroken extends Error {
  override name = 'SealBroken'
}

const USAGES = ['encrypt', 'decrypt']

export type Sealer = ReturnType<typeof createSealer>

export function createSealer(ring: KeyRing) {
  const newest = ring[0].kid
  // Each key is imported once per isolate: importing costs more than opening a token. The key is
  // kept, not its promise: a Worker must not await what another request has started.
  const imported = new Map<string, CryptoKey>()

  async function keyOf(kid: string): Promise<CryptoKey> {
    const known = imported.get(kid)
    if (known) return known
    const bytes = ring.find((entry) => entry.kid === kid)?.key
    if (!bytes) throw new KeyMissing(kid)
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, USAGES)
    imported.set(kid, key)
    return key
  }

  return {
    /** The ids of the keys that are here, newest first. */
    kids: ring.map(({ kid }) => kid),

    async seal(plaintext: string, place: Place): Promise<string> {
      const key = await keyOf(newest)
      return new CompactEncrypt(new TextEncoder().encode(plaintext))
        .setProtectedHeader({
          alg: 'dir',
          enc: 'A256GCM',
          kid: newest,
          tbl: place.table,
          row: place.row,
          col: place.column,
        })
        .encrypt(key)
    },

    /** Throws KeyMissing or SealBroken. */
    async open(sealed: string, place: Place): Promise<string> {
      const key = await keyOf(kidOf(sealed))
      try {
        const { plaintext, protectedHeader: header } = await compactDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        })
        const inPlace =
          header.tbl === place.table && header.row === place.row && header.col === place.column
        if (!inPlace) throw new SealBroken('a ciphertext stands in the wrong place')
        return new TextDecoder().decode(plaintext)
      } catch (error) {
        if (error instanceof errors.JOSEError) throw new SealBroken('a ciphertext does not open')
        throw error
      }
    },
  }
}

function kidOf(sealed: string): string {
  try {
    const { kid } = decodeProtectedHeader(sealed)
    if (typeof kid === 'string') return kid
  } catch {
    // Falls through: what has no readable header is as broken as what has no kid.
  }
  throw new SealBroken('a ciphertext has no key id')
}
