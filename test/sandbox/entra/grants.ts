/** The three grant types of the token endpoint. Each validates the form and returns which tokens to issue, or an error. */
import type { Person } from '../personas.ts'
import { type EntraError, entraError } from './errors.ts'
import { forFirstResource, parseScopes, resourceOf, type Scope } from './scopes.ts'
import { consentedScopes, type Grant, includesScope, type State } from './state.ts'
import { samePath, type TenantPath } from './tenants.ts'

export type Issue =
  | {
      kind: 'delegated'
      grant: Grant
      /** Scopes of the access token, all of one resource. */
      scopes: readonly Scope[]
      oidc: readonly string[]
      nonce: string | null
    }
  | {
      kind: 'app_only'
      audience: string
      tenantId: string
      /** Roles; empty without admin consent, but Entra still issues the token. */
      permissions: readonly string[]
    }

export type GrantResult = { ok: true; issue: Issue } | { ok: false; failure: EntraError }

const err = (failure: EntraError): GrantResult => ({ ok: false, failure })

/** Claims challenge of a refresh that requires MFA. */
export const CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["5a4d7e57"]}}}'

/** Computes BASE64URL(SHA256(ASCII(verifier))), RFC 7636 section 4.6. */
async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

const INVALID_SCOPE =
  "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid."

/** Refusals whose number depends on the type of the account. */
const scopeRefusals = {
  severalResources: ({ accountType }: Person, scope: string) =>
    accountType === 'work'
      ? entraError(28000, { scope })
      : entraError(
          70011,
          {},
          {
            text: `${INVALID_SCOPE} One or more scopes in '${scope}' are not compatible with each other.`,
          },
        ),
  noResource: ({ accountType }: Person) =>
    accountType === 'work' ? entraError(28003) : entraError(70011, {}, { text: INVALID_SCOPE }),
  notConsented: ({ accountType }: Person, client: string) =>
    accountType === 'work'
      ? entraError(65001, { client }, { suberror: 'consent_required' })
      : entraError(
          70000,
          {},
          {
            text: 'The request was denied because one or more scopes requested are unauthorized or expired. The user must first sign in and grant the client application access to the requested scope.',
          },
        ),
}

/**
 * Returns all that the person has consented to, once sending by Graph is part of it. Entra does so whatever the consent
 * is for. Without Graph, each sign-in keeps its own scopes here, so that tests can have narrower ones.
 */
function earlierConsents(state: State, person: Person): readonly Scope[] {
  const all = consentedScopes(state, person)
  return all.some(({ permission }) => state.app.graphPermissions.includes(permission)) ? all : []
}

/** Adds earlier consents. All get the prefix of the resource in the request, whatever resource they belong to. */
function addEarlierConsents(scopes: readonly Scope[], earlier: readonly Scope[]) {
  const resource = scopes[0]?.resource ?? null
  if (resource === null || earlier.length === 0) return scopes
  const names = new Set([...scopes, ...earlier].map(({ permission }) => permission))
  return [...names].map((permission) => ({
    text: `${resource}/${permission}`,
    resource,
    permission,
  }))
}

/**
 * Returns the scopes of the token. Without the parameter these are those of the grant's first resource;
 * with it, scopes of a single resource that must all have been granted.
 */
function chooseScopes(
  state: State,
  parameter: string | null,
  { person, scopes: granted }: Grant,
):
  | { ok: true; scopes: readonly Scope[]; oidc: readonly string[] }
  | { ok: false; failure: EntraError } {
  const earlier = earlierConsents(state, person)
  const first = addEarlierConsents(forFirstResource(granted), earlier)
  if (parameter === null) return { ok: true, scopes: first, oidc: granted.oidc }
  const requested = parseScopes(parameter, state.app, state.cloud)
  if (!requested.ok) return requested
  const { resources, resourceScopes, oidc } = requested.scopes
  if (resources.length > 1) {
    return { ok: false, failure: scopeRefusals.severalResources(person, parameter) }
  }
  const isGranted = (scope: Scope) =>
    includesScope(granted.resourceScopes, scope) || includesScope(earlier, scope)
  if (!resourceScopes.every(isGranted)) {
    return { ok: false, failure: scopeRefusals.notConsented(person, state.app.clientId) }
  }
  const scopes = resourceScopes.length > 0 ? addEarlierConsents(resourceScopes, earlier) : first
  return { ok: true, scopes, oidc }
}

export async function redeemCode(
  state: State,
  form: URLSearchParams,
  path: TenantPath,
): Promise<GrantResult> {
  for (const name of ['code', 'redirect_uri']) {
    if (!form.get(name)) return err(entraError(900144, { name }))
  }
  // Computed first: no `await` between here and `redeemed = true`, or a code could be redeemed twice.
  const challenge = await challengeOf(form.get('code_verifier') ?? '')
  const code = state.codes.get(form.get('code') ?? '')
  if (!code) return err(entraError(70000))
  if (!samePath(code.request.tenantPath, path)) return err(entraError(700005))
  if (code.redeemed) return err(entraError(54005))
  if (code.expiresAt <= state.now()) return err(entraError(70008))
  if (code.request.redirectUri !== form.get('redirect_uri')) return err(entraError(500112))
  if (challenge !== code.request.challenge) return err(entraError(501481))
  if (form.get('scope') === null && code.grant.scopes.resources.length > 1) {
    return err(scopeRefusals.noResource(code.grant.person))
  }
  const chosen = chooseScopes(state, form.get('scope'), code.grant)
  if (!chosen.ok) return chosen
  const { oid } = code.grant.person
  // Signed in without the claims request, and so without MFA.
  if (state.challenged.has(oid) && code.request.claims !== CLAIMS) return err(MFA_REQUIRED)
  state.challenged.delete(oid)
  code.redeemed = true
  return {
    ok: true,
    issue: {
      kind: 'delegated',
      grant: code.grant,
      scopes: chosen.scopes,
      // `offline_access` comes from the consent, even if this request does not repeat it.
      oidc: code.grant.scopes.oidc,
      nonce: code.request.nonce,
    },
  }
}

const MFA_REQUIRED = entraError(50076, {}, { suberror: 'basic_action', claims: CLAIMS })

const refreshErrors: Record<Person['refresh'], EntraError | null> = {
  ok: null,
  mfa_required: MFA_REQUIRED,
  inactive: entraError(700082, {}, { suberror: 'bad_token' }),
}

/**
 * Redeems a refresh token. Stricter than Entra unless `refreshAnywhere` is set: the request must go to the account's
 * own tenant (or `consumers`). Only the first use of a token from elsewhere may go to `common` for a work account.
 */
export function refresh(state: State, form: URLSearchParams, path: TenantPath): GrantResult {
  const text = form.get('refresh_token')
  if (!text) return err(entraError(900144, { name: 'refresh_token' }))
  const token = state.refreshTokens.get(text)
  if (!token) return err(entraError(70000, {}, { suberror: 'bad_token' }))
  const { grant } = token
  if (grant.clientId !== undefined && grant.clientId !== state.app.clientId) {
    return err(entraError(700007))
  }
  const isForeign = token.fromElsewhere && grant.person.accountType === 'work'
  const ownTenant = path.kind === 'tenant' && path.id === grant.person.tenantId
  const elsewhere = (isForeign || state.refreshAnywhere) && path.kind !== 'tenant'
  if (!ownTenant && !elsewhere) return err(entraError(700005))
  if (token.replaced && state.strictRotation) grant.revoked = true
  if (grant.revoked) return err(entraError(50173, {}, { suberror: 'bad_token' }))
  const failure = refreshErrors[grant.person.refresh]
  if (failure?.claims !== undefined) state.challenged.add(grant.person.oid)
  if (failure) return err(failure)
  const chosen = chooseScopes(state, form.get('scope'), grant)
  if (!chosen.ok) return chosen
  token.replaced = true
  return {
    ok: true,
    issue: {
      kind: 'delegated',
      grant,
      scopes: chosen.scopes,
      oidc: [...chosen.oidc, 'offline_access'],
      nonce: null,
    },
  }
}

/** Issues an app-only token: requires a tenant that has the app and `.default` of one resource. Never a refresh token. */
export function clientCredentials(
  state: State,
  form: URLSearchParams,
  path: TenantPath,
  segment: string,
): GrantResult {
  if (path.kind === 'organizations') return err(entraError(50059))
  if (path.kind === 'common' || path.personal) return err(entraError(9001023))
  const scope = form.get('scope')
  if (!scope) return err(entraError(900144, { name: 'scope' }))
  const consented = state.appConsents.get(path.id) ?? new Set()
  const { homeTenantId } = state.app
  const installed =
    path.id === homeTenantId ||
    consented.size > 0 ||
    (state.tenantConsents.get(path.id)?.size ?? 0) > 0
  if (!installed) {
    return err(entraError(700016, { client: state.app.clientId, tenant: segment }))
  }
  const requested = parseScopes(scope, state.app, state.cloud)
  if (!requested.ok) return requested
  const [only, ...others] = requested.scopes.resourceScopes
  if (!only || others.length > 0 || only.permission !== '.default' || only.resource === null) {
    return err(entraError(1002012, { scope }))
  }
  const { appPermissions, graphAppPermissions } = state.app
  const resource = resourceOf(only)
  const roles = resource === 'graph' ? graphAppPermissions : appPermissions
  return {
    ok: true,
    issue: {
      kind: 'app_only',
      audience: only.resource,
      tenantId: path.id,
      permissions: resource !== null && consented.has(resource) ? roles : [],
    },
  }
}
