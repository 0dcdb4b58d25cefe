/**
 * Client authentication at the token endpoint, as a value that requests apply without knowing its kind.
 * Credentials are always sent in the body, never in the URL (RFC 6749 section 2.3.1).
 */
import { importPKCS8, SignJWT } from 'jose'
import { encodeBase64Url } from '../../schema/base64.ts'
import type { FederatedIdentity } from './federated.ts'

/** Adds the client authentication to a form. Signs a new assertion for each request if required. */
export type ClientAuth = (body: URLSearchParams, tokenEndpoint: string, now: Date) => Promise<void>

export type ClientCredential =
  | { type: 'client_secret'; secret: string }
  /** `privateKey` is PKCS#8 in PEM; `thumbprint` the base64url SHA-256 of the certificate (DER). */
  | { type: 'certificate'; privateKey: string; thumbprint: string }
  /** `keyId`: the `kid` of the issuer's signing key, whose `privateKey` is PKCS#8 in PEM. */
  | { type: 'federated'; privateKey: string; keyId: string; identity: FederatedIdentity }

type Random = (bytes: number) => Uint8Array<ArrayBuffer>

export function clientAuth(
  clientId: string,
  credential: ClientCredential,
  random: Random,
): ClientAuth {
  switch (credential.type) {
    case 'client_secret':
      return clientSecretPost(clientId, credential.secret)
    case 'certificate':
      return privateKeyJwt(clientId, credential, random)
    case 'federated':
      return federatedJwt(clientId, credential, random)
  }
}

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
export const privateKeyJwt =
  (
    clientId: string,
    { privateKey, thumbprint }: { privateKey: string; thumbprint: string },
    random: Random,
  ): ClientAuth =>
  async (body, tokenEndpoint, now) => {
    const claims = { issuer: clientId, subject: clientId, audience: tokenEndpoint }
    const key = { alg: 'PS256', header: { 'x5t#S256': thumbprint }, privateKey }
    setAssertion(body, clientId, await signAssertion(claims, key, now, random))
  }

/**
 * Authenticates with an assertion by the issuer in the app's federated credential (RFC 7523 section 2.2). Entra accepts
 * RS256 only, and finds the key by `kid` in the issuer's key set (Microsoft's page "Workload identity federation
 * considerations").
 */
const federatedJwt =
  (
    clientId: string,
    {
      privateKey,
      keyId,
      identity,
    }: { privateKey: string; keyId: string; identity: FederatedIdentity },
    random: Random,
  ): ClientAuth =>
  async (body, _tokenEndpoint, now) => {
    const key = { alg: 'RS256', header: { kid: keyId }, privateKey }
    setAssertion(body, clientId, await signAssertion(identity, key, now, random))
  }

/** Signs a JWT for client authentication (RFC 7519). `header`: members that the kind of key adds. */
async function signAssertion(
  { issuer, subject, audience }: FederatedIdentity,
  { alg, header, privateKey }: { alg: string; header: Record<string, string>; privateKey: string },
  now: Date,
  random: Random,
): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg, typ: 'JWT', ...header })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience(audience)
    .setJti(encodeBase64Url(random(16)))
    .setIssuedAt(seconds)
    .setNotBefore(seconds - SKEW_S)
    .setExpirationTime(seconds + LIFETIME_S)
    .sign(await importPKCS8(privateKey, alg))
}

function setAssertion(body: URLSearchParams, clientId: string, assertion: string): void {
  body.set('client_id', clientId)
  body.set('client_assertion_type', ASSERTION_TYPE)
  body.set('client_assertion', assertion)
}
