/** A token issuer for tests: keys, a published key set, and id_tokens with chosen deviations. */
import { base64url, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { authorityOf } from '../../../api/entra/authority.ts'
import { type IdTokenExpectation, verifyIdToken } from '../../../api/entra/id-token.ts'
import { createSigningKeys } from '../../../api/entra/signing-keys.ts'
import { json, peer, type Seen } from './http-stub.ts'

export const CONTOSO = '11111111-aaaa-4bbb-8ccc-222222222222'
export const FABRIKAM = '33333333-aaaa-4bbb-8ccc-444444444444'
export const CLIENT = '5f2c1a90-0000-4000-8000-000000000001'
export const NOW = new Date('2026-11-24T12:00:00Z')
export const SECONDS = NOW.getTime() / 1000
export const HOST = 'https://login.microsoftonline.com'
export const ANY_TENANT = `${HOST}/{tenantid}/v2.0`

export const issuer = (tid: string) => `${HOST}/${tid}/v2.0`

export const claims = {
  aud: CLIENT,
  iss: issuer(CONTOSO),
  tid: CONTOSO,
  oid: 'aaaaaaaa-0000-4000-8000-00000000000a',
  sub: 'pairwise-subject',
  nonce: 'the-nonce',
  iat: SECONDS - 300,
  nbf: SECONDS - 300,
  exp: SECONDS + 3600,
  ver: '2.0',
  name: 'Alice Example',
  preferred_username: 'alice@contoso.test',
}

export const expected: IdTokenExpectation = {
  authority: authorityOf('global', 'organizations'),
  clientId: CLIENT,
  nonce: 'the-nonce',
  now: NOW,
  deadline: new AbortController().signal,
}

export type Keys = { privateKey: CryptoKey; jwk: JWK & { issuer?: unknown } }

export async function makeKeys(kid = 'key-1', alg = 'RS256'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig', issuer: ANY_TENANT }
  return { privateKey, jwk }
}

export function sign(
  keys: Keys,
  change: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const protectedHeader = { alg: 'RS256', typ: 'JWT', kid: 'key-1', ...header }
  return new SignJWT({ ...claims, ...change })
    .setProtectedHeader(protectedHeader)
    .sign(keys.privateKey)
}

/** Changes one part of a signed token without signing it again. */
export function tamper(token: string, part: 0 | 1 | 2, change: (text: string) => string): string {
  const parts = token.split('.')
  const text = new TextDecoder('latin1').decode(base64url.decode(parts[part] ?? ''))
  parts[part] = base64url.encode(Uint8Array.from(change(text), (c) => c.charCodeAt(0)))
  return parts.join('.')
}

/** Returns a verifier whose key set the test may change while it runs. */
export function verifierWith(respond: (seen: Seen) => Response | Promise<Response>) {
  const { http, seen } = peer(respond)
  const keysOf = createSigningKeys({ ...http, timeoutMs: 50 })
  const verify = (idToken: string, wanted: IdTokenExpectation) =>
    verifyIdToken(keysOf(wanted.authority), idToken, wanted)
  return { verify, seen }
}

export const verifierFor = (...jwks: unknown[]) => verifierWith(() => json({ keys: jwks }))
