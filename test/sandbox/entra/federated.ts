/**
 * Validation of an assertion of another issuer (workload identity federation). Issuer, subject and audience
 * must be those of a federated credential, character for character; the signature is checked with the key set
 * that the issuer's discovery document names. Stricter than Entra in one point: a key set is cached for a
 * day, and an unknown key does not make it be read again.
 */
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import type { ClientResult } from './client-auth.ts'
import { type EntraError, entraError } from './errors.ts'
import type { State } from './state.ts'

const DAY_MS = 86_400_000
/** Longest time from an assertion's `iat` to its `exp`, in seconds. */
const MAX_LIFETIME_S = 600

const refused = (failure: EntraError): ClientResult => ({ ok: false, failure })

export async function checkFederated(
  state: State,
  assertion: string,
  { iss = '', sub = '', aud, iat = 0, exp = 0 }: JWTPayload,
): Promise<ClientResult> {
  const client = state.app.clientId
  const invalid = (why: string) => refused(entraError(700027, { client, why }))
  const ofIssuer = state.federated.filter(({ issuer }) => issuer === iss)
  if (ofIssuer.length === 0) return refused(entraError(700211, { issuer: iss }))
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub)
  if (ofSubject.length === 0) return refused(entraError(700213, { subject: sub }))
  if (!ofSubject.some(({ audience }) => audience === aud)) {
    return refused(entraError(700212, { audience: String(aud) }))
  }
  const { alg, kid } = decodeProtectedHeader(assertion)
  if (alg !== 'RS256' || kid === undefined) return invalid(`alg ${alg}, kid ${kid}`)
  if (exp - iat > MAX_LIFETIME_S) return invalid('the assertion lives too long')
  const keys = await keysOf(state, iss)
  if ('failure' in keys) return refused(keys.failure)
  const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
    algorithms: ['RS256'],
    issuer: iss,
    subject: sub,
    currentDate: new Date(state.now()),
    requiredClaims: ['aud', 'exp', 'iat', 'nbf', 'jti'],
  })
  if (state.assertions.has(String(payload.jti))) return invalid('the assertion was used before')
  state.assertions.add(String(payload.jti))
  return { ok: true }
}

/** Returns the issuer's keys, or why they cannot be read. */
async function keysOf(
  state: State,
  issuer: string,
): Promise<JSONWebKeySet | { failure: EntraError }> {
  const cached = state.issuerKeys.get(issuer)
  if (cached && cached.expiresAt > state.now()) return { keys: cached.keys } as JSONWebKeySet
  const discovery = await fetchJson(state, `${issuer}/.well-known/openid-configuration`)
  if (discovery === null || discovery.issuer !== issuer) return { failure: entraError(50166) }
  const { jwks_uri } = discovery
  if (typeof jwks_uri !== 'string') {
    return { failure: entraError(501661, { why: 'the discovery document names no jwks_uri' }) }
  }
  const set = await fetchJson(state, jwks_uri)
  if (!Array.isArray(set?.keys)) {
    return { failure: entraError(501661, { why: 'the key set cannot be read' }) }
  }
  state.issuerKeys.set(issuer, { keys: set.keys, expiresAt: state.now() + DAY_MS })
  return { keys: set.keys }
}

async function fetchJson(state: State, url: string): Promise<Record<string, unknown> | null> {
  try {
    const response = await state.fetchIssuer(url)
    return response.ok ? ((await response.json()) as Record<string, unknown>) : null
  } catch {
    return null
  }
}
