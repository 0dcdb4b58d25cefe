/**
 * The authorization request and its response (RFC 6749 section 4.1, OpenID Connect Core section 3.1).
 * Anyone who has the link can write the query of a callback, so it is parsed and bounded but not
 * trusted; `state`, the cookie and the id_token decide.
 */
import { encodeBase64Url } from '../../schema/base64.ts'
import { type Authority, endpoints } from './authority.ts'
import { type EntraRefusal, readRefusal } from './errors.ts'

/** Builds the authorization URL. `prompt` replaces `loginHint`: Entra accepts one or the other. */
export function authorizeUrl(input: {
  authority: Authority
  clientId: string
  redirectUri: string
  scopes: readonly string[]
  state: string
  nonce: string
  challenge: string
  loginHint?: string
  prompt?: 'select_account'
  /** The `claims` of a refused refresh as JSON, passed on unchanged. */
  claims?: string | null
}): string {
  const url = new URL(endpoints(input.authority).authorize)
  url.search = new URLSearchParams({
    client_id: input.clientId,
    response_type: 'code',
    redirect_uri: input.redirectUri,
    // Not form_post: browsers do not send SameSite=Lax cookies with a cross-site POST.
    response_mode: 'query',
    scope: input.scopes.join(' '),
    state: input.state,
    nonce: input.nonce,
    code_challenge: input.challenge,
    // Without it Entra assumes `plain`.
    code_challenge_method: 'S256',
    ...(input.prompt
      ? { prompt: input.prompt }
      : input.loginHint
        ? { login_hint: input.loginHint }
        : {}),
    ...(input.claims && { claims: input.claims }),
  }).toString()
  return url.href
}

export type MalformedResponse =
  | 'duplicate_parameter'
  | 'missing_state'
  | 'missing_result'
  | 'unusable_code'

/** The parsed callback. `iss` (RFC 9207) must be compared if present; errors carry it too. */
export type AuthorizationResponse =
  | { ok: true; state: string; code: string; iss: string | null }
  | { ok: false; state: string | null; iss: string | null; refusal: EntraRefusal }
  | { ok: false; state: string | null; malformed: MalformedResponse }

/** Upper bound in characters. Entra's codes have about 1 to 2 KiB. */
const MAX_CODE = 8192
const MAX_PARAMETER = 1024

/** Parameters that are read. Others may be present and are ignored. */
const KNOWN = [
  'state',
  'code',
  'iss',
  'error',
  'error_description',
  'suberror',
  'claims',
  'trace_id',
  'correlation_id',
  'admin_consent',
  'tenant',
]

export function hasDuplicates(params: URLSearchParams): boolean {
  return KNOWN.some((name) => params.getAll(name).length > 1)
}

/** Returns a parameter of visible ASCII and bounded length, otherwise null. */
export function plainParameter(params: URLSearchParams, name: string, max = MAX_PARAMETER) {
  const value = params.get(name)
  return value !== null && value.length <= max && /^[\x21-\x7e]+$/.test(value) ? value : null
}

/** Parses a callback. `error` wins over `code`: a response with both is not a success. */
export function readCallback(params: URLSearchParams): AuthorizationResponse {
  if (hasDuplicates(params)) return { ok: false, state: null, malformed: 'duplicate_parameter' }
  const state = plainParameter(params, 'state')
  const iss = plainParameter(params, 'iss')
  const refusal = readRefusal(Object.fromEntries(KNOWN.map((name) => [name, params.get(name)])))
  if (refusal) return { ok: false, state, iss, refusal }
  if (state === null) return { ok: false, state, malformed: 'missing_state' }
  if (!params.get('code')) return { ok: false, state, malformed: 'missing_result' }
  const code = plainParameter(params, 'code', MAX_CODE)
  if (code === null) return { ok: false, state, malformed: 'unusable_code' }
  return { ok: true, state, code, iss }
}

/** Creates a verifier of 43 characters from 32 random bytes (RFC 7636 section 4.1). Single use. */
export function createVerifier(random: (length: number) => Uint8Array): string {
  return encodeBase64Url(random(32))
}

/** Returns `BASE64URL(SHA256(ASCII(verifier)))` (RFC 7636 section 4.2). */
export async function challengeS256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return encodeBase64Url(new Uint8Array(digest))
}
