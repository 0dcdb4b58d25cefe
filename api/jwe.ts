/**
 * Compact JWE (RFC 7516), always `dir` and A256GCM. jose would use WebCrypto, whose switch to another thread costs more
 * than the encryption.
 */
import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { SealBroken } from './model/storage.ts'

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

type JweHeader = { kid: string; alg: 'dir'; enc: 'A256GCM'; [member: string]: unknown }

/** Encrypts under a random IV. The header is authenticated but not encrypted. */
export function encryptJwe(header: JweHeader, plaintext: string, key: KeyObject): string {
  const encodedHeader = Buffer.from(JSON.stringify(header)).toString('base64url')
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv)
  cipher.setAAD(Buffer.from(encodedHeader))
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return `${encodedHeader}..${parts.join('.')}`
}

/** Parses the header, which is not authenticated until the rest is decrypted. Throws SealBroken. */
export function parseJweHeader(jwe: string): JweHeader {
  try {
    const encoded = jwe.slice(0, jwe.indexOf('.'))
    const header = JSON.parse(Buffer.from(encoded, 'base64url').toString())
    const { kid, alg, enc } = header
    if (typeof kid === 'string' && alg === 'dir' && enc === 'A256GCM') return header
  } catch {
    // A header that is no JSON is refused below, like one of another kind.
  }
  throw new SealBroken('a ciphertext has no key id')
}

/** Decrypts and verifies (RFC 7516 section 5.2). Throws SealBroken. */
export function decryptJwe(jwe: string, key: KeyObject): string {
  const [header = '', encryptedKey, iv = '', ciphertext = '', tag = '', ...rest] = jwe.split('.')
  if (encryptedKey !== '' || rest.length > 0) throw new SealBroken('a ciphertext is malformed')
  const decipher = createDecipheriv(CIPHER, key, decodePart(iv, IV_BYTES))
  decipher.setAAD(Buffer.from(header))
  // Node would accept a shorter tag, which is easier to guess.
  decipher.setAuthTag(decodePart(tag, TAG_BYTES))
  try {
    return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
  } catch {
    throw new SealBroken('a ciphertext does not open')
  }
}

/** Decodes base64url. Throws SealBroken unless that yields `length` bytes. */
function decodePart(part: string, length: number): Uint8Array {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.length !== length) throw new SealBroken('a ciphertext is malformed')
  return bytes
}
