/**
 * Encryption at rest: compact JWE, `dir` + A256GCM, newest key of the ring. The protected header names table, row and
 * column, which are compared after opening, so a ciphertext that was moved to another row does not open, even if the
 * attacker can write to the database. The header begins with the key's id, so all ciphertexts of one key in one table
 * begin with the same string: their label.
 */
import { createSecretKey } from 'node:crypto'
import { decodeBase64UrlText, encodeBase64Url } from '../../schema/base64.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { hashSecret } from '../hash.ts'
import { decryptJwe, encryptJwe, parseJweHeader } from '../jwe.ts'
import { KeyMissing, SealBroken } from '../model/storage.ts'

/**
 * Location of a ciphertext: for instance `grants`, the id of the row, `refresh_token`. `binding`: a digest of other
 * values in the row, for which the ciphertext vouches.
 */
export type SealContext = { table: string; row: string; column: string; binding?: string }

/** Returns the `binding` of a ciphertext that vouches for these values, always in this order. */
export const bindingTo = (values: readonly unknown[]): string => hashSecret(JSON.stringify(values))

/**
 * Length of a label: 14 whole groups of base64url, 42 bytes of header. The longest key id (32
 * characters) fits, and with a shorter one nothing that differs by row.
 */
const LABEL_LENGTH = 56

const headerOf = (kid: string, { table, row, column, binding }: SealContext) =>
  ({
    kid,
    alg: 'dir',
    enc: 'A256GCM',
    tbl: table,
    row,
    col: column,
    ...(binding !== undefined && { bnd: binding }),
  }) as const

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
  const keys = new Map(ring.map(({ kid, key }) => [kid, createSecretKey(key)]))

  function keyOf(kid: string) {
    const key = keys.get(kid)
    if (!key) throw new KeyMissing(kid)
    return key
  }

  const [{ kid: newest }] = ring
  const seal = async (plaintext: string, context: SealContext) =>
    encryptJwe(headerOf(newest, context), plaintext, keyOf(newest))

  function openAnywhere(sealed: string): { plaintext: string; context: SealContext } {
    const { kid, tbl, row, col, bnd } = parseJweHeader(sealed)
    // Decrypts first: a forged header may hold what String() throws at.
    const plaintext = decryptJwe(sealed, keyOf(kid))
    const context = { table: String(tbl), row: String(row), column: String(col) }
    return {
      plaintext,
      context: bnd === undefined ? context : { ...context, binding: String(bnd) },
    }
  }

  /** Decrypts and compares the location. Throws KeyMissing or SealBroken. */
  function openAt(sealed: string, wanted: SealContext) {
    const { plaintext, context } = openAnywhere(sealed)
    const matches =
      context.table === wanted.table &&
      context.row === wanted.row &&
      context.column === wanted.column
    if (!matches) throw new SealBroken('a ciphertext belongs to another row or column')
    return { plaintext, binding: context.binding }
  }

  return {
    /** Ids of the keys in the ring, newest first. */
    kids: ring.map(({ kid }) => kid),

    seal,

    /** Decrypts and compares the context. Throws KeyMissing or SealBroken. */
    async open(sealed: string, wanted: SealContext): Promise<string> {
      const { plaintext, binding } = openAt(sealed, wanted)
      if (binding !== wanted.binding) throw new SealBroken('a ciphertext is bound to other values')
      return plaintext
    },

    /** Decrypts a value like open(), and returns the binding with it. Throws KeyMissing or SealBroken. */
    openBound: async (sealed: string, wanted: SealContext) => openAt(sealed, wanted),

    /** Decrypts a value like open(). Returns null if it is missing or damaged. Throws KeyMissing. */
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
