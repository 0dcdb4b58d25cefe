/**
 * Compact JWE (RFC 7516), always `dir` and A256GCM. jose would use WebCrypto, whose switch to another thread costs more
 * than the encryption. Tests open with jose what this seals, and the other way round.
 */
import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** Encrypts under a random IV. The header is authenticated but not encrypted. */
export function encryptJwe(header: object, plaintext: string, key: KeyObject): string {
  const encodedHeader = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...header }))
  const protectedHeader = encodedHeader.toString('base64url')
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv)
  cipher.setAAD(Buffer.from(protectedHeader))
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return `${protectedHeader}..${parts.join('.')}`
}

/** Decrypts with the key that the header names. Throws unless all is as it was sealed. */
export function decryptJwe(jwe: string, keys: ReadonlyMap<unknown, KeyObject>) {
  const [encodedHeader = '', encryptedKey, iv, ciphertext = '', tag, ...rest] = jwe.split('.')
  const header: Record<string, unknown> = JSON.parse(
    Buffer.from(encodedHeader, 'base64url').toString(),
  )
  const key = keys.get(header.kid)
  const isOurs = header.alg === 'dir' && header.enc === 'A256GCM' && encryptedKey === ''
  // With `zip`, a message could expand; `crit` names what must be understood.
  if (!key || !isOurs || rest.length > 0 || 'zip' in header || 'crit' in header) {
    throw new Error('not a message of this key ring')
  }
  const decipher = createDecipheriv(CIPHER, key, decodePart(iv, IV_BYTES))
  decipher.setAAD(Buffer.from(encodedHeader))
  // Node would accept a shorter tag, which is easier to guess.
  decipher.setAuthTag(decodePart(tag, TAG_BYTES))
  const plaintext = Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()])
  return { header, plaintext }
}

/** Decodes base64url. Throws unless that yields `length` bytes. */
function decodePart(part = '', length: number): Uint8Array {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.length !== length) throw new Error('a part has another length')
  return bytes
}
