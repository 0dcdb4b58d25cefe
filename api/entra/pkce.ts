/**
 * Proof Key for Code Exchange (RFC 7636), method S256 only. Entra does not advertise PKCE in its
 * metadata, so it complements `state` and `nonce` and replaces neither.
 */
import { encodeBase64Url } from '../../schema/base64.ts'

/** Creates a verifier of 43 characters from 32 random bytes (RFC 7636 section 4.1). Single use. */
export function createVerifier(random: (length: number) => Uint8Array): string {
  return encodeBase64Url(random(32))
}

/** Returns `BASE64URL(SHA256(ASCII(verifier)))` (RFC 7636 section 4.2). */
export async function challengeS256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return encodeBase64Url(new Uint8Array(digest))
}
