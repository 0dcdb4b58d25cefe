/**
 * Validates `GET /{tenant}/oauth2/v2.0/authorize`. A wrong client or redirect URI must end on a page of
 * Entra, since there is no trusted URL to redirect to; other errors go to the redirect URI.
 */
import type { EntraError } from './errors.ts'
import { entraError, errorParams, newRequestTrace } from './errors.ts'
import { parseScopes } from './scopes.ts'
import type { AuthorizeRequest, State } from './state.ts'
import { parseTenantPath } from './tenants.ts'

export type AuthorizeOutcome =
  | { kind: 'valid'; request: AuthorizeRequest }
  /** Shown to the person only; the app gets no response. */
  | { kind: 'error_page'; failure: EntraError }
  | { kind: 'redirect'; location: string }

/** Adds `params` and the state to the redirect URI. Ends in an empty fragment, as at Entra. */
export function redirectUrl(
  redirectUri: string,
  params: Record<string, string>,
  state: string | null,
): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  if (state !== null) url.searchParams.set('state', state)
  return `${url.href}#`
}

/** Drops the port of a loopback URI, which Entra ignores (RFC 8252, section 7.3). */
const withoutPort = (uri: string): string =>
  uri.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1)):\d+(?=\/|$)/, '$1')

/** Checks client ID and redirect URI. Until they are valid, no redirect is allowed. */
export function clientError(state: State, query: URLSearchParams, segment: string) {
  const client = query.get('client_id') ?? ''
  if (client === '') return entraError(900144, { name: 'client_id' })
  if (client.toLowerCase() !== state.app.clientId) {
    return entraError(700016, { client, tenant: segment })
  }
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!state.app.redirectUris.map(withoutPort).includes(withoutPort(redirectUri))) {
    return entraError(50011, { redirect_uri: redirectUri, client })
  }
  return null
}

export function validateAuthorize(
  state: State,
  query: URLSearchParams,
  segment: string,
  base: string,
): AuthorizeOutcome {
  const tenantPath = parseTenantPath(segment)
  if (!tenantPath) return { kind: 'error_page', failure: entraError(90002, { tenant: segment }) }
  const untrusted = clientError(state, query, segment)
  if (untrusted) return { kind: 'error_page', failure: untrusted }

  const redirectUri = query.get('redirect_uri') ?? ''
  const redirectWithError = (failure: EntraError): AuthorizeOutcome => {
    const params = errorParams(failure, newRequestTrace(state.now()), base)
    return { kind: 'redirect', location: redirectUrl(redirectUri, params, query.get('state')) }
  }
  const parsed = parseScopes(query.get('scope') ?? '', state.app, state.cloud)
  if (!parsed.ok) return redirectWithError(parsed.failure)
  return {
    kind: 'valid',
    request: {
      tenantPath,
      segment,
      redirectUri,
      scopes: parsed.scopes,
      state: query.get('state'),
      nonce: query.get('nonce'),
      challenge: query.get('code_challenge') ?? '',
      prompt: query.get('prompt'),
      loginHint: query.get('login_hint'),
      claims: query.get('claims'),
    },
  }
}
