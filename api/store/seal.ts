/**
 * Encryption at rest: compact JWE, `dir` + A256GCM, newest key of the ring. The protected header
 * names table, row and column, which are compared after opening: a ciphertext that was moved to
 * another row does not open, even by someone who can write to the database. The header begins with
 * the key's id, so that whatever one key sealed in one column begins with one text: its label.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors } from 'jose'
import { decodeBase64UrlText, encodeBase64Url } from '../../schema/base64.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { KeyMissing, SealBroken } from '../model/sealing.ts'

/** Where a ciphertext lives: `grants`, its row id, `access_token`. */
export type Place = { table: string; row: string; column: string }

const USAGES = ['encrypt', 'decrypt']

/**
 * Characters of a ciphertext that tell the key: 14 whole groups of base64url, 42 bytes of header.
 * That holds the longest id (32 characters), and of a shorter one nothing that differs by row.
 */
const LABEL_LENGTH = 56

const headerOf = (kid: string, { table, row, column }: Place) =>
  ({ kid, alg: 'dir', enc: 'A256GCM', tbl: table, row, col: column }) as const

/** How everything begins that this key sealed in this table. */
export const labelOf = (kid: string, table: string): string =>
  encodeBase64Url(JSON.stringify(headerOf(kid, { table, row: '', column: '' }))).slice(
    0,
    LABEL_LENGTH,
  )

/** The id of the key that such a beginning tells, or null when it is none. */
export function kidOfLabel(label: string): string | null {
  try {
    const header = decodeBase64UrlText(label.slice(0, LABEL_LENGTH))
    return /^\{"kid":"([^"]+)"/.exec(header)?.[1] ?? null
  } catch {
    return null
  }
}

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

  async function seal(plaintext: string, place: Place): Promise<string> {
    const key = await keyOf(newest)
    return new CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader(headerOf(newest, place))
      .encrypt(key)
  }

  async function openAnywhere(sealed: string): Promise<{ plaintext: string; place: Place }> {
    const key = await keyOf(kidOf(sealed))
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      const { tbl, row, col } = protectedHeader
      const place = { table: String(tbl), row: String(row), column: String(col) }
      return { plaintext: new TextDecoder().decode(plaintext), place }
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new SealBroken('a ciphertext does not open')
      throw error
    }
  }

  return {
    /** The ids of the keys that are here, newest first. */
    kids: ring.map(({ kid }) => kid),

    seal,

    /** Throws KeyMissing or SealBroken. */
    async open(sealed: string, wanted: Place): Promise<string> {
      const { plaintext, place } = await openAnywhere(sealed)
      const inPlace =
        place.table === wanted.table && place.row === wanted.row && place.column === wanted.column
      if (!inPlace) throw new SealBroken('a ciphertext stands in the wrong place')
      return plaintext
    },

    /**
     * The same text under the newest key, for the place that it was sealed for, wherever it stands: a
     * ciphertext that was moved does not open afterwards either. Throws KeyMissing or SealBroken.
     */
    async reencrypt(sealed: string): Promise<string> {
      const { plaintext, place } = await openAnywhere(sealed)
      return seal(plaintext, place)
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
