/** Keys with which Mailgrant signs its assertions for Entra, as an OpenID issuer. */
import type { IntegrationRecord } from './integration.ts'

export type SigningKey = {
  /** The `kid`: SHA-256 thumbprint of the public key (RFC 7638). */
  id: string
  /** Modulus and exponent, base64url, as in a JWK. */
  publicKey: { n: string; e: string }
  createdAt: Date
  /** Time from which it signs, in place of the one before it. */
  signsFrom: Date
  /** Time since which no credential is federated; null while one is. */
  unusedSince: Date | null
}

/** Returns whether the app has a federated credential, or is about to. */
export const usesSigningKeys = ({
  credential,
  nextCredential,
}: Pick<IntegrationRecord, 'credential' | 'nextCredential'>): boolean =>
  credential?.type === 'federated' || nextCredential?.type === 'federated'
