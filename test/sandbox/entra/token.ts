/**
 * `POST /{tenant}/oauth2/v2.0/token`: judges the request as Entra does, answers in its form, and lets
 * the faults of the control strike.
 */
import { type Person, personNamed } from '../cast.ts'
import { authenticateClient } from './client-auth.ts'
import type { Fault, GrantType } from './control-schema.ts'
import { GrantType as GrantTypeSchema } from './control-schema.ts'
import { type EntraError, entraError, errorBody, newTrail } from './errors.ts'
import { takeFault, weather } from './faults.ts'
import { clientCredentials, type GrantResult, type Issue, redeemCode, refresh } from './grants.ts'
import { issueRefreshToken, mintAccessToken, mintIdToken } from './mint.ts'
import { readForm, type State } from './state.ts'
import { readTenantPath } from './tenants.ts'

const noStore = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' }

function refuse(state: State, failure: EntraError, base: string): Response {
  const trail = newTrail(state.now())
  return Response.json(errorBody(failure, trail, base), {
    status: failure.status,
    headers: { ...noStore, 'x-ms-request-id': trail.traceId },
  })
}

/** First the caller, then the grant; the first failure is the answer. */
async function judge(
  state: State,
  request: Request,
  form: URLSearchParams,
  segment: string,
  grantType: GrantType | null,
): Promise<GrantResult> {
  const fail = (failure: EntraError): GrantResult => ({ ok: false, failure })
  const duplicate = [...form.keys()].find((name) => form.getAll(name).length > 1)
  if (duplicate !== undefined) return fail(entraError(9000411, { name: duplicate }))
  if (!form.get('grant_type')) return fail(entraError(900144, { name: 'grant_type' }))
  if (!grantType) return fail(entraError(70003, { grant_type: form.get('grant_type') ?? '' }))
  const path = readTenantPath(segment)
  if (!path) return fail(entraError(90002, { tenant: segment }))
  // A secret that travels with an Origin header was sent by a browser: Entra refuses it.
  const origin = request.headers.get('origin')
  if (origin !== null) return fail(entraError(9002326, { origin }))
  const client = await authenticateClient(state, form, {
    authorization: request.headers.get('authorization'),
    tenant: segment,
    endpoint: request.url,
  })
  if (!client.ok) return client
  if (grantType === 'authorization_code') return redeemCode(state, form, path)
  if (grantType === 'refresh_token') return refresh(state, form, path)
  return clientCredentials(state, form, path, segment)
}

async function issueTokens(state: State, issue: Issue, fault: Fault | null, base: string) {
  if (issue.kind === 'app_only') {
    const { audience, tenantId, permissions } = issue
    const wanted = { audience, tenantId, person: null, permissions }
    const minted = await mintAccessToken(state, wanted)
    return {
      token_type: 'Bearer',
      expires_in: minted.expiresIn,
      ext_expires_in: minted.expiresIn,
      access_token: minted.token,
    }
  }
  const { grant, oidc, nonce } = issue
  const stranger = fault?.kind === 'other_account' ? personNamed(state.people, fault.account) : null
  const person: Person = stranger ?? grant.person
  const scopes = issue.scopes.filter(
    (scope) => fault?.kind !== 'fewer_scopes' || fault.scopes.includes(scope.permission),
  )
  const minted = await mintAccessToken(state, {
    audience: issue.scopes[0]?.resource ?? 'https://graph.microsoft.com',
    permissions: scopes.map((scope) => scope.permission),
    person,
    tenantId: person.tenantId,
  })
  const overrides = fault?.kind === 'id_token_claims' ? fault.claims : {}
  const withRefresh = oidc.includes('offline_access') && fault?.kind !== 'no_refresh_token'
  return {
    token_type: 'Bearer',
    // Scopes of the resource only: the OIDC ones are not repeated beside a resource that is not Graph.
    scope: scopes.map((scope) => scope.text).join(' '),
    expires_in: minted.expiresIn,
    ext_expires_in: minted.expiresIn,
    access_token: minted.token,
    ...(withRefresh
      ? { refresh_token: issueRefreshToken(state, stranger ? { ...grant, person } : grant) }
      : {}),
    ...(oidc.includes('openid')
      ? { id_token: await mintIdToken(state, { base, person, oidc, nonce, overrides }) }
      : {}),
  }
}

export async function answerToken(state: State, request: Request, segment: string, base: string) {
  if (request.method !== 'POST') return refuse(state, entraError(900561), base)
  const form = await readForm(request)
  const known = GrantTypeSchema.safeParse(form.get('grant_type'))
  const grantType = known.success ? known.data : null
  state.counts.token[grantType ?? 'other'] += 1

  const answer = async (): Promise<Response> => {
    const fault = takeFault(state, grantType)
    const broken = fault && weather(fault, (failure) => refuse(state, failure, base))
    if (broken) return broken
    if (fault?.kind === 'slow') await state.wait(fault.delay_ms)
    const judged = await judge(state, request, form, segment, grantType)
    if (!judged.ok) return refuse(state, judged.failure, base)
    const body = JSON.stringify(await issueTokens(state, judged.issue, fault, base))
    const headers = { ...noStore, 'content-type': 'application/json; charset=utf-8' }
    const cut = fault?.kind === 'truncated' ? body.slice(0, body.length / 2) : body
    return new Response(cut, { headers })
  }

  const response = await answer()
  state.tokenCalls.push({
    tenant: segment,
    grantType: form.get('grant_type') ?? '',
    scope: form.get('scope'),
    status: response.status,
  })
  return response
}
