/**
 * The token endpoint (RFC 6749 sections 4.1.3, 4.4 and 6) as request and process pairs. Requests send,
 * `processTokenResponse` parses plain values, so that every unusual response can be tested without a
 * network. A request is sent once; the token engine decides about retries.
 */
import type { MalformedResponse } from '../../schema/failure.ts'
import { parseRetryAfter } from '../retry-after.ts'
import { type Authority, endpoints } from './authority.ts'
import type { ClientAuth } from './client-auth.ts'
import { type EntraFailure, type RefusalFields, readRefusal } from './errors.ts'
import { type EntraHttp, type HttpResponse, postForm } from './http.ts'

export type Tokens = {
  accessToken: string
  /** Seconds. */
  expiresIn: number
  /** Null if the server sent none: the one that was used remains valid. */
  refreshToken: string | null
  idToken: string | null
  /** Granted scopes, space-separated. */
  scope: string
}

export type TokenResponse = { ok: true; tokens: Tokens } | { ok: false; failure: EntraFailure }

/** `deadline`: of all exchanges for the same purpose; without one only the timeout of this one counts. */
type Request = { authority: Authority; auth: ClientAuth; now: Date; deadline?: AbortSignal }

/** RFC 6749 section 5.1 lets a server leave `expires_in` out; Entra's tokens live 60 to 90 minutes. */
const DEFAULT_LIFETIME_S = 3600
/** The longest that Entra issues (continuous access evaluation): 28 hours. */
const MAX_LIFETIME_S = 100_800

/** Redeems a code at the authority of its authorize request. A code is good for one try only. */
export function exchangeCode(
  http: EntraHttp,
  input: Request & {
    code: string
    redirectUri: string
    verifier: string
    scopes: readonly string[]
  },
): Promise<TokenResponse> {
  return tokenRequest(http, input, input.scopes, {
    grant_type: 'authorization_code',
    code: input.code,
    redirect_uri: input.redirectUri,
    code_verifier: input.verifier,
  })
}

/**
 * Refreshes tokens (RFC 6749, section 6). `scopes` must belong to one resource. The response need not contain a new
 * refresh token.
 */
export function refreshTokens(
  http: EntraHttp,
  input: Request & { refreshToken: string; scopes: readonly string[] },
): Promise<TokenResponse> {
  return tokenRequest(http, input, input.scopes, {
    grant_type: 'refresh_token',
    refresh_token: input.refreshToken,
  })
}

/** Requests a token of the app itself. `scope`: `<resource>/.default`. `authority`: one tenant, by ID or domain. */
export function clientCredentials(
  http: EntraHttp,
  input: Request & { scope: string },
): Promise<TokenResponse> {
  return tokenRequest(http, input, [input.scope], { grant_type: 'client_credentials' })
}

async function tokenRequest(
  http: EntraHttp,
  { authority, auth, now, deadline }: Request,
  scopes: readonly string[],
  parameters: Record<string, string>,
): Promise<TokenResponse> {
  const url = endpoints(authority).token
  const body = new URLSearchParams({ ...parameters, scope: scopes.join(' ') })
  await auth(body, url, now)
  const result = await postForm(http, url, body, deadline)
  if (!result.ok) return result
  return processTokenResponse(result.response, { scopes, now, host: new URL(url).host })
}

/** Parses a response. One without `scope` grants exactly the requested `scopes` (RFC 6749 section 5.1). */
export function processTokenResponse(
  response: HttpResponse,
  asked: { scopes: readonly string[]; now: Date; host: string },
): TokenResponse {
  const { status, json } = response
  const fields = isRecord(json) ? json : {}
  const refusal = readRefusal(fields as RefusalFields)
  const aadsts = refusal?.aadsts ?? null
  const retryAfter = parseRetryAfter(response.headers.get('retry-after'), asked.now)
  // The status of an overloaded server counts before its body, which is often no JSON at all.
  if (status === 429) return failed({ kind: 'throttled', retryAfter, aadsts })
  if (status === 408 || status >= 500) {
    return failed({ kind: 'unavailable', status, retryAfter, aadsts })
  }
  const malformed = (defect: MalformedResponse) =>
    failed({ kind: 'malformed', host: asked.host, status, defect })
  if (response.defect !== null) return malformed(response.defect)
  if (!isRecord(json)) return malformed('not_an_object')
  if (refusal) return failed({ kind: 'refused', refusal, retryAfter })
  if (status !== 200) return malformed('no_error_code')
  const tokens = readTokens(json, asked.scopes)
  return typeof tokens === 'string' ? malformed(tokens) : { ok: true, tokens }
}

function failed(failure: EntraFailure): TokenResponse {
  return { ok: false, failure }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readTokens(
  json: Record<string, unknown>,
  asked: readonly string[],
): Tokens | MalformedResponse {
  const accessToken = readToken(json.access_token)
  if (!accessToken) return 'access_token'
  // Section 7.1: a client must not use a token whose type it does not understand.
  if (typeof json.token_type !== 'string' || !/^bearer$/i.test(json.token_type)) return 'token_type'
  const expiresIn = readLifetime(json.expires_in)
  if (expiresIn === undefined) return 'expires_in'
  const refreshToken = readToken(json.refresh_token)
  if (refreshToken === undefined) return 'refresh_token'
  const idToken = readToken(json.id_token)
  if (idToken === undefined) return 'id_token'
  const scope = json.scope ?? asked.join(' ')
  if (typeof scope !== 'string') return 'scope'
  return { accessToken, expiresIn, refreshToken, idToken, scope }
}

/**
 * Returns null if the token is absent, undefined if it is not valid. It must be visible ASCII (RFC 6749 appendix A),
 * since a control character would forge fields of the XOAUTH2 message that carries it.
 */
function readToken(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? value : undefined
}

function readLifetime(value: unknown): number | undefined {
  if (value === undefined || value === null) return DEFAULT_LIFETIME_S
  // Entra's older endpoints and some proxies write the number as a string.
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  if (typeof seconds !== 'number' || !(seconds >= 0)) return undefined
  return Math.min(Math.floor(seconds), MAX_LIFETIME_S)
}
