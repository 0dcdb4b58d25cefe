/**
 * Failures of Microsoft's identity platform as one union of facts; their meaning is judged in
 * diagnosis/. Nothing in it is free text of a response: only numbers, GUIDs and short tokens of a fixed
 * alphabet, so that a failure can be logged, stored and shown. `error_description` is parsed for its
 * number and dropped.
 */
import type { MalformedResponse, NetworkCode } from '../../schema/failure.ts'
import { isGuid } from '../../schema/integration.ts'

/** An OAuth error response (RFC 6749 sections 4.1.2.1 and 5.2) with Microsoft's additions. */
export type EntraRefusal = {
  /** `invalid_grant`, ...; `unrecognized` if the value is not a plain token. */
  error: string
  aadsts: number | null
  suberror: string | null
  /** JSON for the `claims` parameter of the next sign-in. */
  claims: string | null
  traceId: string | null
  correlationId: string | null
}

/** `retryAfter` is in seconds, at most 3600; null if the server sent none. */
export type EntraFailure =
  | { kind: 'unreachable'; host: string; code: NetworkCode }
  | { kind: 'timeout' }
  | { kind: 'throttled'; retryAfter: number | null; aadsts: number | null }
  | { kind: 'unavailable'; status: number; retryAfter: number | null; aadsts: number | null }
  | { kind: 'malformed'; host: string; status: number; defect: MalformedResponse }
  | { kind: 'refused'; refusal: EntraRefusal; retryAfter: number | null }

/** A request that failed without a response, other than by a timeout. Microsoft may have received it. */
export type Unreachable = Extract<EntraFailure, { kind: 'unreachable' }>

/** The members of an error response, from JSON or from a callback's query. */
export type RefusalFields = Partial<
  Record<
    | 'error'
    | 'error_description'
    | 'error_codes'
    | 'suberror'
    | 'claims'
    | 'trace_id'
    | 'correlation_id',
    unknown
  >
>

const MAX_CLAIMS = 4096

function token(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z_]{1,64}$/.test(value) ? value : null
}

function aadstsOf(fields: RefusalFields): number | null {
  const [code] = Array.isArray(fields.error_codes) ? fields.error_codes : []
  if (Number.isSafeInteger(code) && code > 0 && code < 1e9) return code
  if (typeof fields.error_description !== 'string') return null
  const number = /AADSTS(\d{3,9})(?!\d)/.exec(fields.error_description.slice(0, 2000))?.[1]
  return number ? Number(number) : null
}

function claimsOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_CLAIMS || value[0] !== '{') return null
  try {
    JSON.parse(value)
    return value
  } catch {
    return null
  }
}

/** Returns null without an `error`, since that is not an OAuth error response. */
export function readRefusal(fields: RefusalFields): EntraRefusal | null {
  if (typeof fields.error !== 'string' || fields.error === '') return null
  return {
    error: token(fields.error) ?? 'unrecognized',
    aadsts: aadstsOf(fields),
    suberror: token(fields.suberror),
    claims: claimsOf(fields.claims),
    traceId: isGuid(fields.trace_id) ? fields.trace_id : null,
    correlationId: isGuid(fields.correlation_id) ? fields.correlation_id : null,
  }
}
