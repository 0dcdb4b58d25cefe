/**
 * The simulated Entra: the paths, parameters, errors and headers of the real one. It is one `fetch`:
 * pass it to the code under test in its place, let it stand in for the network of a Worker, or serve
 * it over HTTP. Runs in Node and in workerd.
 */
import { Hono } from 'hono'
import { judgeAuthorize, refuseClient } from './authorize.ts'
import { applyControl, copyCounts, createControl, readControl } from './control.ts'
import { ControlRequest } from './control-schema.ts'
import { entraError } from './errors.ts'
import { begin, decide, pickAccount, type Step, showError } from './interact.ts'
import { pageHeaders } from './layout.ts'
import { readScopes } from './scopes.ts'
import { createSignIn } from './sign-in.ts'
import { type EntraOptions, type IssuedToken, newState, readForm, type State } from './state.ts'
import { readTenantPath } from './tenants.ts'
import { answerToken } from './token.ts'

export type { Control } from './control.ts'
export type { ControlState, Counts, FaultInput } from './control-schema.ts'
export type { SignInOptions, SignInResult } from './sign-in.ts'
export type { EntraOptions, IssuedToken, TokenCall } from './state.ts'

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
  const path = readTenantPath(segment)
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
    // The placeholder is literal where the tenant is not known yet.
    issuer: `${base}/${path?.kind === 'tenant' ? path.id : '{tenantid}'}/v2.0`,
    request_uri_parameter_supported: false,
    authorization_endpoint: at('/oauth2/v2.0/authorize'),
  }
}

function startAdminConsent(state: State, query: URLSearchParams, segment: string): Step {
  const tenantPath = readTenantPath(segment)
  if (!tenantPath) return showError(state, entraError(90002, { tenant: segment }))
  const personal = tenantPath.kind === 'tenant' && tenantPath.personal
  if (tenantPath.kind === 'common' || personal) return showError(state, entraError(90130))
  const stranger = refuseClient(state, query, segment)
  if (stranger) return showError(state, stranger)
  const scope = query.get('scope') ?? ''
  const read = readScopes(scope, state.app, state.cloud)
  if (!read.ok) return showError(state, read.failure)
  return begin(state, {
    kind: 'admin_consent',
    tenantPath,
    segment,
    redirectUri: query.get('redirect_uri') ?? '',
    scope,
    scopes: read.scopes,
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
    const judged = judgeAuthorize(state, query, c.req.param('tenant'), baseOf(c.req.url))
    if (judged.kind === 'page') return respond(showError(state, judged.failure))
    if (judged.kind === 'back') return respond({ kind: 'redirect', location: judged.location })
    return respond(begin(state, { kind: 'sign_in', request: judged.request, person: null }))
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
    return respond(decide(state, flow, decision, baseOf(c.req.url)))
  })

  app.all('/:tenant/oauth2/v2.0/token', (c) =>
    answerToken(state, c.req.raw, c.req.param('tenant'), baseOf(c.req.url)),
  )
  app.get('/:tenant/discovery/v2.0/keys', async (c) => {
    state.counts.keys += 1
    const path = readTenantPath(c.req.param('tenant'))
    const only = path?.kind === 'tenant' ? (path.personal ? 'personal' : 'work') : undefined
    return c.json(await state.keys.jwks(baseOf(c.req.url), only), 200, {
      'cache-control': 'max-age=86400, private',
    })
  })
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) => {
    state.counts.metadata += 1
    return c.json(metadata(baseOf(c.req.url), c.req.param('tenant')))
  })

  app.get('/sandbox/control', (c) => c.json(readControl(state)))
  app.post('/sandbox/control', async (c) => {
    const body = ControlRequest.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return c.json({ error: body.error.issues }, 422)
    return c.json(applyControl(state, control, body.data))
  })

  /** A drop-in for the global `fetch` of code that talks to Entra. */
  const fetch = async (input: Request | URL | string, init?: RequestInit): Promise<Response> =>
    app.fetch(input instanceof Request && init === undefined ? input : new Request(input, init))

  return {
    fetch,
    control,
    ...createSignIn(fetch),
    /** Calls per endpoint and grant type since the start or the last reset. */
    counts: () => copyCounts(state),
    /** Calls of the token endpoint, oldest first: where they went and what was answered. */
    tokenCalls: () => [...state.tokenCalls],
    /** What the mail servers know of the app, in the same book as `/sandbox/control`. */
    exchange: state.exchange,
    /** What an access token is good for; null for one that was never issued. Says nothing on expiry. */
    checkToken: (token: string): IssuedToken | null => state.accessTokens.get(token) ?? null,
    /** Every code and token that was issued: what must not turn up in any log. */
    issuedSecrets: (): string[] => [
      ...state.codes.keys(),
      ...state.refreshTokens.keys(),
      ...state.accessTokens.keys(),
      ...state.idTokens,
    ],
    /** Milliseconds since the epoch, by the clock of this world. */
    now: state.now,
  }
}

export type Entra = ReturnType<typeof createEntra>
