/**
 * Verifies id_tokens (OpenID Connect Core section 3.1.3.7, and Entra's tenant-aware issuer). A user is identified by
 * `tid` and `oid` only, since the admin of any tenant can set arbitrary names and addresses. If the keys cannot be
 * fetched, that is a separate reason, never a bad token.
 */
import { errors, type JWTPayload, jwtVerify } from 'jose'
import { isGuid } from '../../schema/integration.ts'
import type { AccountType } from '../../schema/mail-servers.ts'
import { type Authority, issuerOf, tenantFits } from './authority.ts'
import { PERSONAL_TENANT } from './clouds.ts'
import type { KeySet, SigningKey } from './signing-keys.ts'

export type IdTokenClaims = {
  tid: string
  oid: string
  /** Differs from app to app. For support cases only, never an identity. */
  sub: string
  /** Often an email address. A hint only, since an admin can set it. */
  preferredUsername: string | null
  name: string | null
  accountType: AccountType
  /** App roles assigned in the tenant `tid`, whose admin alone decides about them. */
  roles: readonly string[]
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

type IdTokenVerdict = { ok: true; claims: IdTokenClaims } | { ok: false; reason: IdTokenFault }

export type IdTokenExpectation = {
  authority: Authority
  clientId: string
  /** Null for the response to a refresh, which repeats none (OpenID Connect Core section 12.2). */
  nonce: string | null
  now: Date
  deadline: AbortSignal
}

/** Tolerated clock difference, seconds. */
const CLOCK_TOLERANCE = 300

/** Faults that newer keys might resolve. */
const MISFITS: readonly IdTokenFault[] = ['unknown_key', 'signature', 'key_issuer']

/** Verifies with the cached keys, and once more with new ones before it rejects a token that fits none of them. */
export async function verifyIdToken(
  keys: KeySet,
  idToken: string,
  expected: IdTokenExpectation,
): Promise<IdTokenVerdict> {
  const verdict = await verifyOnce(keys, idToken, expected)
  if (verdict.ok || !MISFITS.includes(verdict.reason)) return verdict
  try {
    const fetched = await keys.fetchForMisfit(expected)
    return fetched ? await verifyOnce(keys, idToken, expected) : verdict
  } catch (error) {
    return { ok: false, reason: faultOf(error) }
  }
}

async function verifyOnce(
  keys: KeySet,
  idToken: string,
  expected: IdTokenExpectation,
): Promise<IdTokenVerdict> {
  let signingKey: SigningKey | null = null
  try {
    const { payload } = await jwtVerify(
      idToken,
      async ({ kid }) => {
        signingKey = kid === undefined ? null : await keys.find(kid, expected)
        if (!signingKey) throw new errors.JWKSNoMatchingKey()
        return signingKey.key
      },
      {
        algorithms: ['RS256'],
        currentDate: expected.now,
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ['exp'],
      },
    )
    return signingKey
      ? processClaims(payload, signingKey, expected)
      : { ok: false, reason: 'unknown_key' }
  } catch (error) {
    return { ok: false, reason: faultOf(error) }
  }
}

/** Validates the claims of a token whose signature and times are valid. Pure. */
function processClaims(
  payload: JWTPayload,
  key: SigningKey,
  { authority, clientId, nonce }: IdTokenExpectation,
): IdTokenVerdict {
  const wrong = (reason: IdTokenFault): IdTokenVerdict => ({ ok: false, reason })
  const { aud, tid, iss, oid, sub } = payload
  // An array would let other parties be addressed too; Entra never sends one.
  if (aud !== clientId) return wrong('audience')
  if (nonce !== null && payload.nonce !== nonce) return wrong('nonce')
  if (!isGuid(tid) || !tenantFits(authority.tenant, tid)) return wrong('tenant')
  if (iss !== issuerOf(authority, tid)) return wrong('issuer')
  // Entra limits each key to an issuer. `{tenantid}` means any tenant.
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
      roles: Array.isArray(payload.roles)
        ? payload.roles.filter((role: unknown) => isPlain(role, 120))
        : [],
    },
  }
}

function fill(template: unknown, tid: string): string | null {
  return typeof template === 'string' ? template.replaceAll('{tenantid}', tid) : null
}

/** Checks that a text is safe to store and show: not empty, bounded, no control or bidi characters. */
function isPlain(value: unknown, max: number): value is string {
  return (
    typeof value === 'string' &&
    value.length <= max &&
    /^[^\p{Cc}\u202a-\u202e\u2066-\u2069]+$/u.test(value)
  )
}

function faultOf(error: unknown): IdTokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    // Only `exp`, which has another error, and `nbf` are compared with the clock here.
    return error.reason === 'check_failed' ? 'not_yet_valid' : 'malformed'
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'unknown_key'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed'
  if (error instanceof errors.JOSENotSupported) return 'malformed'
  // Everything else comes from fetching or importing keys. The token is rejected although it might be valid.
  return 'keys_unavailable'
}
