/**
 * The simulated Entra, with the paths, parameters, errors and headers of the real one. It is a single
 * `fetch` function: pass it to the code under test, use it as the network of a Worker, or serve it over
 * HTTP. Runs in Node and in workerd.
 */
import { Hono } from 'hono'
import { clientError, validateAuthorize } from './authorize.ts'
import { applyControl, copyCounts, createControl, readControl } from './control.ts'
import { ControlRequest } from './control-schema.ts'
import { entraError, errorBody, newRequestTrace } from './errors.ts'
import { pickAccount, type Step, showError, startFlow, submitDecision } from './interact.ts'
import { pageHeaders } from './layout.ts'
import { parseScopes } from './scopes.ts'
import { createSignIn } from './sign-in.ts'
import { type EntraOptions, type IssuedToken, newState, readForm, type State } from './state.ts'
import { parseTenantPath } from './tenants.ts'
import { issueToken } from './token.ts'

export type { Control } from './control.ts'
export type { ControlState, Counts, FaultInput } from './control-schema.ts'
export type { SignInOptions, SignInResult } from './sign-in.ts'
export type { EntraOptions, IssuedToken, TokenCall } from './state.ts'

const CACHED = { 'cache-control': 'max-age=86400, private' }

async function respond(step: Step): Promise<Response> {
  if (step.kind === 'redirect') {
    return new Response(null, {
      status: 302,
      headers: { location: step.location, 'cache-control': 'no-store, no-cache' },
    })
  }
  return new Response(String(await step.html), { status: step.status, headers: pageHeaders })
}

const metadata = (base: string, segment: string) => {
  const path = parseTenantPath(segment)
  const at = (rest: string) => `${base}/${segment}${rest}`
  return {
    token_endpoint: at('/oauth2/v2.0/token'),
    token_endpoint_auth_methods_supported: [
      'client_secret_post',
      'private_key_jwt',
      'client_secret_basic',
    ],
    jwks_uri: at('/discovery/v2.0/keys'),
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    // Entra also sends the placeholder literally when the path names no tenant.
    issuer: `${base}/${path?.kind === 'tenant' ? path.id : '{tenantid}'}/v2.0`,
    request_uri_parameter_supported: false,
    authorization_endpoint: at('/oauth2/v2.0/authorize'),
  }
}

function startAdminConsent(state: State, query: URLSearchParams, segment: string): Step {
  const tenantPath = parseTenantPath(segment)
  if (!tenantPath) return showError(state, entraError(90002, { tenant: segment }))
  const personal = tenantPath.kind === 'tenant' && tenantPath.personal
  if (tenantPath.kind === 'common' || personal) return showError(state, entraError(90130))
  const untrusted = clientError(state, query, segment)
  if (untrusted) return showError(state, untrusted)
  const scope = query.get('scope') ?? ''
  const parsed = parseScopes(scope, state.app, state.cloud)
  if (!parsed.ok) return showError(state, parsed.failure)
  // Microsoft does not say whether one link may be for two resources, so none may here.
  if (parsed.scopes.resources.length > 1) return showError(state, entraError(28000, { scope }))
  return startFlow(state, {
    kind: 'admin_consent',
    tenantPath,
    segment,
    redirectUri: query.get('redirect_uri') ?? '',
    scope,
    scopes: parsed.scopes,
    state: query.get('state'),
    person: null,
  })
}

export function createEntra(options: EntraOptions = {}) {
  const state = newState(options)
  const control = createControl(state)
  const baseOf = (url: string) => state.base ?? new URL(url).origin
  const app = new Hono()

  app.get('/:tenant/oauth2/v2.0/authorize', (c) => {
    state.counts.authorize += 1
    const query = new URL(c.req.url).searchParams
    const outcome = validateAuthorize(state, query, c.req.param('tenant'), baseOf(c.req.url))
    if (outcome.kind === 'error_page') return respond(showError(state, outcome.failure))
    if (outcome.kind === 'redirect') return respond(outcome)
    return respond(startFlow(state, { kind: 'sign_in', request: outcome.request, person: null }))
  })
  app.get('/:tenant/v2.0/adminconsent', (c) => {
    state.counts.admin_consent += 1
    const query = new URL(c.req.url).searchParams
    return respond(startAdminConsent(state, query, c.req.param('tenant')))
  })
  app.post('/:tenant/login', async (c) => {
    const form = await readForm(c.req.raw)
    const [flow, account] = [form.get('flow') ?? '', form.get('account') ?? '']
    return respond(pickAccount(state, flow, account, baseOf(c.req.url)))
  })
  app.post('/:tenant/consent', async (c) => {
    const form = await readForm(c.req.raw)
    const [flow, decision] = [form.get('flow') ?? '', form.get('decision') ?? '']
    return respond(submitDecision(state, flow, decision, baseOf(c.req.url)))
  })

  app.post('/:tenant/oauth2/v2.0/token', (c) =>
    issueToken(state, c.req.raw, c.req.param('tenant'), baseOf(c.req.url)),
  )
  app.get('/:tenant/discovery/v2.0/keys', async (c) => {
    state.counts.keys += 1
    const path = parseTenantPath(c.req.param('tenant'))
    const keyUse = path?.kind === 'tenant' ? (path.personal ? 'personal' : 'work') : undefined
    return c.json(await state.keys.jwks(baseOf(c.req.url), keyUse), 200, CACHED)
  })
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) => {
    state.counts.metadata += 1
    const base = baseOf(c.req.url)
    const tenant = c.req.param('tenant')
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    if (parseTenantPath(tenant)) {
      return c.json(metadata(base, tenant), 200, { ...headers, ...CACHED })
    }
    const failure = entraError(90002, { tenant }, { error: 'invalid_tenant' })
    return c.json(errorBody(failure, newRequestTrace(state.now()), base), 400, headers)
  })

  app.get('/sandbox/control', (c) => c.json(readControl(state)))
  app.post('/sandbox/control', async (c) => {
    const body = ControlRequest.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return c.json({ error: body.error.issues }, 422)
    return c.json(applyControl(state, control, body.data))
  })

  /** Replaces the global `fetch` for code that talks to Entra. */
  const fetch = async (input: Request | URL | string, init?: RequestInit): Promise<Response> =>
    app.fetch(input instanceof Request && init === undefined ? input : new Request(input, init))

  return {
    fetch,
    control,
    ...createSignIn(fetch),
    /** Counts the calls per endpoint and grant type since the start or the last reset. */
    counts: () => copyCounts(state),
    /** Lists the calls of the token endpoint, oldest first. */
    tokenCalls: () => [...state.tokenCalls],
    /** Permissions of the app in Exchange, shared with `/sandbox/control`. */
    exchange: state.exchange,
    /** Returns the rights of an access token, or null if it was never issued. Does not check its expiry. */
    checkToken: (token: string): IssuedToken | null => state.accessTokens.get(token) ?? null,
    /** Lists every issued code and token, none of which may appear in a log. */
    issuedSecrets: (): string[] => [
      ...state.codes.keys(),
      ...state.refreshTokens.keys(),
      ...state.accessTokens.keys(),
      ...state.idTokens,
    ],
    /** Returns the time of this world, milliseconds since the epoch. */
    now: state.now,
  }
}

export type Entra = ReturnType<typeof createEntra>
