/**
 * The federated credential of an app registration (Microsoft's page "Workload identity federation"): the app
 * has no secret, and Entra trusts the tokens of an OpenID issuer in its place.
 */
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import type { Cloud } from '../../schema/mail-servers.ts'
import { clouds } from './clouds.ts'

/** The three values to enter at Entra, which are compared character for character with those of a token. */
export type FederatedIdentity = { issuer: string; subject: string; audience: string }

/** Returns the values of this deployment. `publicUrl`: an origin, without a trailing slash. */
export const federatedIdentity = (
  publicUrl: string,
  deploymentId: string,
  cloud: Cloud,
): FederatedIdentity => ({
  issuer: publicUrl,
  subject: `mailgrant:${deploymentId}`,
  audience: clouds[cloud].federatedAudience,
})

/** An RSA key for RS256. `id`: its SHA-256 thumbprint (RFC 7638); `privateKey`: PKCS#8 in PEM. */
type NewSigningKey = {
  id: string
  publicKey: { n: string; e: string }
  privateKey: string
}

/** Generates a key of 2048 bits. */
export async function makeSigningKey(): Promise<NewSigningKey> {
  const keys = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  const jwk = await exportJWK(keys.publicKey)
  const { n = '', e = '' } = jwk
  return {
    id: await calculateJwkThumbprint(jwk, 'sha256'),
    publicKey: { n, e },
    privateKey: await exportPKCS8(keys.privateKey),
  }
}
