/**
 * `GET /{tenant}/oauth2/v2.0/authorize`: judges the request. A wrong client or redirect URI must end
 * on Entra's own page, since nobody can be trusted with the answer; other failures go back.
 */
import type { EntraError } from './errors.ts'
import { entraError, errorParams, newTrail } from './errors.ts'
import { readScopes } from './scopes.ts'
import type { AuthorizeRequest, State } from './state.ts'
import { readTenantPath } from './tenants.ts'

export type Judged =
  | { kind: 'good'; request: AuthorizeRequest }
  /** Shown to the person; the app never hears of it. */
  | { kind: 'page'; failure: EntraError }
  | { kind: 'back'; location: string }

/** `redirectUri` with `params` and the state; ends in an empty fragment as Entra's answers do. */
export function backTo(
  redirectUri: string,
  params: Record<string, string>,
  state: string | null,
): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  if (state !== null) url.searchParams.set('state', state)
  return `${url.href}#`
}

/** Whether client and redirect URI are known. Until then nothing may be sent anywhere. */
export function refuseClient(state: State, query: URLSearchParams, segment: string) {
  const client = query.get('client_id') ?? ''
  if (client === '') return entraError(900144, { name: 'client_id' })
  if (client.toLowerCase() !== state.app.clientId) {
    return entraError(700016, { client, tenant: segment })
  }
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!state.app.redirectUris.includes(redirectUri)) {
    return entraError(50011, { redirect_uri: redirectUri, client })
  }
  return null
}

/** RFC 7636 section 4.2: 43 characters of base64url are the SHA-256 of a verifier. */
function refuseChallenge(query: URLSearchParams): EntraError | null {
  const challenge = query.get('code_challenge')
  if (challenge === null) return entraError(9002325)
  if (query.get('code_challenge_method') !== 'S256') return entraError(501491)
  return /^[A-Za-z0-9_-]{43}$/.test(challenge) ? null : entraError(50147)
}

function refuseShape(query: URLSearchParams): EntraError | null {
  if (query.get('response_type') !== 'code') return entraError(70005)
  const mode = query.get('response_mode')
  if (mode !== null && mode !== 'query') return entraError(70007, { response_mode: mode })
  const prompt = query.get('prompt')
  if (prompt === 'none') return entraError(50058)
  if (prompt !== null && !['login', 'consent', 'select_account'].includes(prompt)) {
    return entraError(90023, { why: `The prompt value '${prompt}' is not supported.` })
  }
  if (prompt === 'select_account' && query.get('login_hint')) {
    return entraError(90023, { why: "'select_account' and 'login_hint' exclude each other." })
  }
  return refuseChallenge(query)
}

export function judgeAuthorize(
  state: State,
  query: URLSearchParams,
  segment: string,
  base: string,
): Judged {
  const tenantPath = readTenantPath(segment)
  if (!tenantPath) return { kind: 'page', failure: entraError(90002, { tenant: segment }) }
  const duplicate = [...query.keys()].find((name) => query.getAll(name).length > 1)
  if (duplicate) return { kind: 'page', failure: entraError(9000411, { name: duplicate }) }
  const stranger = refuseClient(state, query, segment)
  if (stranger) return { kind: 'page', failure: stranger }

  const redirectUri = query.get('redirect_uri') ?? ''
  const back = (failure: EntraError): Judged => {
    const params = errorParams(failure, newTrail(state.now()), base)
    return { kind: 'back', location: backTo(redirectUri, params, query.get('state')) }
  }
  const misshapen = refuseShape(query)
  if (misshapen) return back(misshapen)
  const read = readScopes(query.get('scope') ?? '', state.app, state.cloud)
  if (!read.ok) return back(read.failure)
  return {
    kind: 'good',
    request: {
      tenantPath,
      segment,
      redirectUri,
      scopes: read.scopes,
      state: query.get('state'),
      nonce: query.get('nonce'),
      challenge: query.get('code_challenge') ?? '',
      prompt: query.get('prompt'),
      loginHint: query.get('login_hint'),
    },
  }
}
