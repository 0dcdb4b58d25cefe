/**
 * Verifies id_tokens (OpenID Connect Core section 3.1.3.7, and Entra's tenant-aware issuer). Who signed
 * in is `tid` and `oid`, nothing else: names and addresses can be changed by an admin of any tenant.
 * Keys that cannot be fetched are their own reason, never "bad token".
 */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  jwtVerify,
  type RemoteJWKSet,
} from 'jose'
import type { AccountType } from '../../schema/mail-servers.ts'
import { type Authority, endpoints, isGuid, issuerOf, tenantFits } from './authority.ts'
import { PERSONAL_TENANT } from './clouds.ts'
import { ENTRA_TIMEOUT, type EntraHttp, getJson } from './http.ts'

export type IdTokenClaims = {
  tid: string
  oid: string
  /** Differs per app: kept for support, never an identity here. */
  sub: string
  /** A hint only, often an e-mail address. */
  preferredUsername: string | null
  name: string | null
  accountType: AccountType
}

export type IdTokenFault =
  | 'keys_unavailable'
  | 'malformed'
  | 'algorithm'
  | 'unknown_key'
  | 'signature'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'nonce'
  | 'tenant'
  | 'issuer'
  | 'key_issuer'
  | 'identity'

export type IdTokenVerdict =
  | { ok: true; claims: IdTokenClaims }
  | { ok: false; reason: IdTokenFault }

export type IdTokenExpectation = {
  authority: Authority
  clientId: string
  nonce: string
  now: Date
}

/** Entra adds `issuer` to each key of its set. */
type SigningKey = { issuer?: unknown }

/** Microsoft's advice on signing key rollover: keys for a day, an unknown key asked for once in 5 min. */
const KEYS_MAX_AGE = 24 * 3600_000
const KEYS_COOLDOWN = 5 * 60_000
/** Seconds that clocks may differ. */
const CLOCK_TOLERANCE = 300

/** Make one per isolate: it holds the cached keys. */
export function createIdTokenVerifier(http: EntraHttp) {
  const keySets = new Map<string, RemoteJWKSet>()
  const keysOf = (authority: Authority): RemoteJWKSet => {
    const url = endpoints(authority).jwks
    const known = keySets.get(url)
    if (known) return known
    const keys = createRemoteJWKSet(new URL(url), {
      timeoutDuration: http.timeoutMs ?? ENTRA_TIMEOUT,
      cacheMaxAge: KEYS_MAX_AGE,
      cooldownDuration: KEYS_COOLDOWN,
      [customFetch]: async () => {
        const result = await getJson(http, url)
        if (!result.ok || result.answer.status !== 200 || result.answer.flaw !== null) {
          throw new Error('the signing keys cannot be fetched')
        }
        return Response.json(result.answer.json)
      },
    })
    keySets.set(url, keys)
    return keys
  }
  return async (idToken: string, expected: IdTokenExpectation): Promise<IdTokenVerdict> => {
    const keys = keysOf(expected.authority)
    try {
      const { payload, protectedHeader } = await jwtVerify(idToken, keys, {
        algorithms: ['RS256'],
        currentDate: expected.now,
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ['exp'],
      })
      const named = keys.jwks()?.keys.filter(({ kid }) => kid === protectedHeader.kid) ?? []
      // Without a key id, the key and so its issuer could not be told.
      if (protectedHeader.kid === undefined || named.length !== 1) {
        return { ok: false, reason: 'unknown_key' }
      }
      return processClaims(payload, named[0] as SigningKey, expected)
    } catch (error) {
      return { ok: false, reason: faultOf(error) }
    }
  }
}

/** Judges the claims of a token whose signature and times are good. Pure. */
export function processClaims(
  payload: JWTPayload,
  key: SigningKey,
  { authority, clientId, nonce }: IdTokenExpectation,
): IdTokenVerdict {
  const wrong = (reason: IdTokenFault): IdTokenVerdict => ({ ok: false, reason })
  const { aud, tid, iss, oid, sub } = payload
  // An array would let other parties be addressed too; Entra never sends one.
  if (aud !== clientId) return wrong('audience')
  if (payload.nonce !== nonce) return wrong('nonce')
  if (!isGuid(tid) || !tenantFits(authority.tenant, tid)) return wrong('tenant')
  if (iss !== issuerOf(authority, tid)) return wrong('issuer')
  // Keys of Entra say whom they may speak for: `{tenantid}` any tenant, else that one only.
  if (key.issuer !== undefined && fill(key.issuer, tid) !== iss) return wrong('key_issuer')
  if (!isPlain(oid, 128) || !isPlain(sub, 256)) return wrong('identity')
  return {
    ok: true,
    claims: {
      tid: tid.toLowerCase(),
      oid,
      sub,
      preferredUsername: isPlain(payload.preferred_username, 320)
        ? payload.preferred_username
        : null,
      name: isPlain(payload.name, 256) ? payload.name : null,
      accountType: tid.toLowerCase() === PERSONAL_TENANT ? 'personal' : 'work',
    },
  }
}

function fill(template: unknown, tid: string): string | null {
  return typeof template === 'string' ? template.replaceAll('{tenantid}', tid) : null
}

/** Text that may be stored and shown: not empty, bounded, no control characters. */
function isPlain(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max && /^[^\p{Cc}]+$/u.test(value)
}

function faultOf(error: unknown): IdTokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' ? 'not_yet_valid' : 'malformed'
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'unknown_key'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed'
  if (error instanceof errors.JOSENotSupported) return 'malformed'
  // What is left comes from fetching or importing keys. It accepts nothing and blames no token.
  return 'keys_unavailable'
}
