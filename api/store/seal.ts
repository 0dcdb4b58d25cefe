/**
 * Encryption at rest: compact JWE, `dir` + A256GCM, newest key of the ring. The protected header names
 * table, row and column, which are compared after opening: a ciphertext that was moved to another row
 * does not open, even if the attacker can write to the database. The header begins with the key's id, so
 * all ciphertexts of one key in one table begin with the same string: their label.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors } from 'jose'
import { decodeBase64UrlText, encodeBase64Url } from '../../schema/base64.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { KeyMissing, SealBroken } from '../model/sealing.ts'

/** Location of a ciphertext: for instance `grants`, the id of the row, `access_token`. */
export type SealContext = { table: string; row: string; column: string }

const USAGES = ['encrypt', 'decrypt']

/**
 * Length of a label: 14 whole groups of base64url, 42 bytes of header. The longest key id (32
 * characters) fits, and with a shorter one nothing that differs by row.
 */
const LABEL_LENGTH = 56

const headerOf = (kid: string, { table, row, column }: SealContext) =>
  ({ kid, alg: 'dir', enc: 'A256GCM', tbl: table, row, col: column }) as const

/** Returns the beginning of all ciphertexts of this key in this table. */
export const labelOf = (kid: string, table: string): string =>
  encodeBase64Url(JSON.stringify(headerOf(kid, { table, row: '', column: '' }))).slice(
    0,
    LABEL_LENGTH,
  )

/** Returns the key id in a label, or null when it is not a label. */
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
  // Each key is imported once per isolate: importing costs more than opening a token. The map holds
  // keys, not promises: a Worker must not await what another request has started.
  const imported = new Map<string, CryptoKey>()

  async function keyOf(kid: string): Promise<CryptoKey> {
    const cached = imported.get(kid)
    if (cached) return cached
    const bytes = ring.find((entry) => entry.kid === kid)?.key
    if (!bytes) throw new KeyMissing(kid)
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, USAGES)
    imported.set(kid, key)
    return key
  }

  async function seal(plaintext: string, context: SealContext): Promise<string> {
    const key = await keyOf(newest)
    return new CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader(headerOf(newest, context))
      .encrypt(key)
  }

  async function openAnywhere(
    sealed: string,
  ): Promise<{ plaintext: string; context: SealContext }> {
    const key = await keyOf(kidOf(sealed))
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      const { tbl, row, col } = protectedHeader
      const context = { table: String(tbl), row: String(row), column: String(col) }
      return { plaintext: new TextDecoder().decode(plaintext), context }
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new SealBroken('a ciphertext does not open')
      throw error
    }
  }

  return {
    /** Ids of the keys in the ring, newest first. */
    kids: ring.map(({ kid }) => kid),

    seal,

    /** Decrypts and compares the context. Throws KeyMissing or SealBroken. */
    async open(sealed: string, wanted: SealContext): Promise<string> {
      const { plaintext, context } = await openAnywhere(sealed)
      const matches =
        context.table === wanted.table &&
        context.row === wanted.row &&
        context.column === wanted.column
      if (!matches) throw new SealBroken('a ciphertext belongs to another row or column')
      return plaintext
    },

    /** Decrypts it like open(). Returns null for a missing or damaged one. Throws KeyMissing. */
    async openIfIntact(sealed: string | null, context: SealContext): Promise<string | null> {
      try {
        return sealed === null ? null : await this.open(sealed, context)
      } catch (error) {
        if (error instanceof SealBroken) return null
        throw error
      }
    },

    /**
     * Encrypts it with the newest key, for the context in its header: a ciphertext that was moved does
     * not open afterwards either. Throws KeyMissing or SealBroken.
     */
    async reencrypt(sealed: string): Promise<string> {
      const { plaintext, context } = await openAnywhere(sealed)
      return seal(plaintext, context)
    },
  }
}

function kidOf(sealed: string): string {
  try {
    const { kid } = decodeProtectedHeader(sealed)
    if (typeof kid === 'string') return kid
  } catch {
    // Falls through: an unreadable header is as broken as one without a kid.
  }
  throw new SealBroken('a ciphertext has no key id')
}
