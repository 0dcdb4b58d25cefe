/**
 * Encryption at rest: compact JWE, `dir` + A256GCM, newest key of the ring. The protected header names
 * table, row and column, which are compared after opening: a ciphertext that was moved to another row
 * does not open, even if the attacker can write to the database. The header begins with the key's id, so
 * all ciphertexts of one key in one table begin with the same string: their label.
 */
import { Buffer } from 'node:buffer'
import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { decodeBase64UrlText, encodeBase64Url } from '../../schema/base64.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { KeyMissing, SealBroken } from '../model/sealing.ts'

/** Location of a ciphertext: for instance `grants`, the id of the row, `access_token`. */
export type SealContext = { table: string; row: string; column: string }

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
  const [{ kid: newest, key: newestBytes }] = ring
  const openingKeys = new Map(ring.map(({ kid, key }) => [kid, createSecretKey(key)]))
  // Imported once per isolate: importing costs more than sealing a token. This is the key, not its promise:
  // a Worker must not await what another request has started.
  let sealingKey: CryptoKey | undefined

  async function seal(plaintext: string, context: SealContext): Promise<string> {
    sealingKey ??= await crypto.subtle.importKey('raw', newestBytes, 'AES-GCM', false, ['encrypt'])
    return new CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader(headerOf(newest, context))
      .encrypt(sealingKey)
  }

  function openAnywhere(sealed: string): { plaintext: string; context: SealContext } {
    const { kid, tbl, row, col } = parseHeader(sealed)
    const key = openingKeys.get(kid)
    if (!key) throw new KeyMissing(kid)
    const context = { table: String(tbl), row: String(row), column: String(col) }
    return { plaintext: decrypt(sealed, key), context }
  }

  return {
    /** Ids of the keys in the ring, newest first. */
    kids: ring.map(({ kid }) => kid),

    seal,

    /** Decrypts and compares the context. Throws KeyMissing or SealBroken. */
    async open(sealed: string, wanted: SealContext): Promise<string> {
      const { plaintext, context } = openAnywhere(sealed)
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
      const { plaintext, context } = openAnywhere(sealed)
      return seal(plaintext, context)
    },
  }
}

/** Parses the header, which proves nothing before the rest is decrypted. Throws SealBroken. */
function parseHeader(sealed: string): { kid: string; tbl: unknown; row: unknown; col: unknown } {
  try {
    const encoded = sealed.slice(0, sealed.indexOf('.'))
    const header = JSON.parse(Buffer.from(encoded, 'base64url').toString())
    const { kid, alg, enc } = header
    if (typeof kid === 'string' && alg === 'dir' && enc === 'A256GCM') return header
  } catch {
    // Falls through: an unreadable header is as broken as one of another kind.
  }
  throw new SealBroken('a ciphertext has no key id')
}

const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * Decrypts a compact JWE, `dir` and A256GCM (RFC 7516 section 5.2). Not with jose: WebCrypto decrypts on
 * another thread, and in Node the way there and back costs a quarter of issuing a token. Throws SealBroken.
 */
function decrypt(sealed: string, key: KeyObject): string {
  const [header = '', encryptedKey, iv = '', ciphertext = '', tag = '', ...rest] = sealed.split('.')
  if (encryptedKey !== '' || rest.length > 0) throw new SealBroken('a ciphertext is malformed')
  const decipher = createDecipheriv('aes-256-gcm', key, decodePart(iv, IV_BYTES))
  decipher.setAAD(Buffer.from(header))
  // A shorter tag would be easier to guess, and Node accepts one.
  decipher.setAuthTag(decodePart(tag, TAG_BYTES))
  try {
    return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
  } catch {
    throw new SealBroken('a ciphertext does not open')
  }
}

/** Throws SealBroken unless the part has this length. */
function decodePart(part: string, length: number): Uint8Array {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.length !== length) throw new SealBroken('a ciphertext is malformed')
  return bytes
}
