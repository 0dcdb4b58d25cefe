/**
 * Client authentication at the token endpoint, as a value that requests apply without knowing its kind.
 * Credentials are always sent in the body, never in the URL (RFC 6749 section 2.3.1).
 */
import { importPKCS8, SignJWT } from 'jose'
import { encodeBase64Url } from '../../schema/base64.ts'

/** Adds the client authentication to a form. Signs a new assertion for each request if required. */
export type ClientAuth = (body: URLSearchParams, tokenEndpoint: string, now: Date) => Promise<void>

export type ClientCredential =
  | { type: 'client_secret'; secret: string }
  /** `privateKey` is PKCS#8 in PEM; `thumbprint` the base64url SHA-256 of the certificate (DER). */
  | { type: 'certificate'; privateKey: string; thumbprint: string }

export const clientAuth = (
  clientId: string,
  credential: ClientCredential,
  random: (bytes: number) => Uint8Array<ArrayBuffer>,
): ClientAuth =>
  credential.type === 'client_secret'
    ? clientSecretPost(clientId, credential.secret)
    : privateKeyJwt(clientId, credential, random)

export function clientSecretPost(clientId: string, secret: string): ClientAuth {
  return async (body) => {
    body.set('client_id', clientId)
    body.set('client_secret', secret)
  }
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Tolerated clock difference, seconds. */
const SKEW_S = 60
const LIFETIME_S = 300

/**
 * Authenticates with a signed assertion (RFC 7523 section 2.2) in the form that Entra requires: PS256,
 * the certificate identified by `x5t#S256` (RFC 7515 section 4.1.8), for this token endpoint only
 * (Microsoft's page "Certificate credentials").
 */
export function privateKeyJwt(
  clientId: string,
  { privateKey, thumbprint }: { privateKey: string; thumbprint: string },
  random: (bytes: number) => Uint8Array<ArrayBuffer>,
): ClientAuth {
  return async (body, tokenEndpoint, now) => {
    const seconds = Math.floor(now.getTime() / 1000)
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(tokenEndpoint)
      .setJti(encodeBase64Url(random(16)))
      .setIssuedAt(seconds)
      .setNotBefore(seconds - SKEW_S)
      .setExpirationTime(seconds + LIFETIME_S)
      .sign(await importPKCS8(privateKey, 'PS256'))
    body.set('client_id', clientId)
    body.set('client_assertion_type', ASSERTION_TYPE)
    body.set('client_assertion', assertion)
  }
}
