/**
 * Handles `POST /{tenant}/oauth2/v2.0/token`: validates the request as Entra does, responds in its format,
 * and applies injected faults.
 */
import { base64url } from 'jose'
import { findPerson, type Person } from '../personas.ts'
import { authenticateClient } from './client-auth.ts'
import type { Fault, GrantType } from './control-schema.ts'
import { GrantType as GrantTypeSchema } from './control-schema.ts'
import { type EntraError, entraError, errorBody, newRequestTrace } from './errors.ts'
import { faultResponse, takeFault } from './faults.ts'
import { clientCredentials, type GrantResult, type Issue, redeemCode, refresh } from './grants.ts'
import { issueRefreshToken, mintAccessToken, mintIdToken } from './mint.ts'
import { graphOrigins, isGraph } from './scopes.ts'
import { readForm, type State } from './state.ts'
import { parseTenantPath } from './tenants.ts'

const noStore = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' }
const json = { 'content-type': 'application/json; charset=utf-8' }

function errorResponse(state: State, failure: EntraError, base: string): Response {
  const trace = newRequestTrace(state.now())
  return Response.json(errorBody(failure, trace, base), {
    status: failure.status,
    headers: { ...noStore, ...json, 'x-ms-request-id': trace.traceId },
  })
}

/** Authenticates the client, then validates the grant. Returns the first error. */
async function validateRequest(
  state: State,
  request: Request,
  form: URLSearchParams,
  segment: string,
  grantType: GrantType | null,
): Promise<GrantResult> {
  const err = (failure: EntraError): GrantResult => ({ ok: false, failure })
  if (!form.get('grant_type')) return err(entraError(900144, { name: 'grant_type' }))
  if (!grantType) return err(entraError(70003, { grant_type: form.get('grant_type') ?? '' }))
  const path = parseTenantPath(segment)
  if (!path) return err(entraError(90002, { tenant: segment }))
  const origin = request.headers.get('origin')
  if (origin !== null) return err(entraError(9002326, { origin }))
  const client = await authenticateClient(state, form, {
    tenant: segment,
    // MSAL adds a query, which is no part of the audience.
    endpoint: request.url.replace(/\?.*/, ''),
  })
  if (!client.ok) return client
  if (grantType === 'authorization_code') return redeemCode(state, form, path)
  if (grantType === 'refresh_token') return refresh(state, form, path)
  return clientCredentials(state, form, path, segment)
}

/** Returns the account's IDs as MSAL asks for them with `client_info=1`. */
const clientInfo = ({ oid, tenantId }: Person): string =>
  base64url.encode(JSON.stringify({ uid: oid, utid: tenantId }))

async function issueTokens(
  state: State,
  issue: Issue,
  form: URLSearchParams,
  fault: Fault | null,
  base: string,
) {
  if (issue.kind === 'app_only') {
    const { audience, tenantId, permissions } = issue
    const minted = await mintAccessToken(state, { audience, tenantId, person: null, permissions })
    return {
      token_type: 'Bearer',
      expires_in: minted.expiresIn,
      ext_expires_in: minted.expiresIn,
      access_token: minted.token,
    }
  }
  const { grant, oidc, nonce } = issue
  const otherPerson =
    fault?.kind === 'other_account' ? findPerson(state.people, fault.account) : null
  const person: Person = otherPerson ?? grant.person
  const scopes = issue.scopes.filter(
    (scope) => fault?.kind !== 'fewer_scopes' || fault.scopes.includes(scope.permission),
  )
  const resource = issue.scopes[0]?.resource ?? null
  // Entra repeats the OIDC scopes for Graph only.
  const repeated =
    resource !== null && isGraph(resource) ? oidc.filter((name) => name !== 'offline_access') : []
  const minted = await mintAccessToken(state, {
    audience: resource ?? graphOrigins[state.cloud],
    permissions: scopes.map((scope) => scope.permission),
    person,
    tenantId: person.tenantId,
  })
  const overrides = fault?.kind === 'id_token_claims' ? fault.claims : {}
  const withRefresh = oidc.includes('offline_access') && fault?.kind !== 'no_refresh_token'
  return {
    token_type: 'Bearer',
    scope: [...repeated, ...scopes.map((scope) => scope.text)].join(' '),
    expires_in: minted.expiresIn,
    ext_expires_in: minted.expiresIn,
    access_token: minted.token,
    ...(form.get('client_info') === '1' && { client_info: clientInfo(person) }),
    ...(withRefresh
      ? { refresh_token: issueRefreshToken(state, otherPerson ? { ...grant, person } : grant) }
      : {}),
    ...(oidc.includes('openid') && fault?.kind !== 'no_id_token'
      ? { id_token: await mintIdToken(state, { base, person, oidc, nonce, overrides }) }
      : {}),
  }
}

export async function issueToken(state: State, request: Request, segment: string, base: string) {
  const form = await readForm(request)
  const parsed = GrantTypeSchema.safeParse(form.get('grant_type'))
  const grantType = parsed.success ? parsed.data : null
  state.counts.token[grantType ?? 'other'] += 1

  const respond = async (): Promise<Response> => {
    const fault = takeFault(state, grantType, form.get('scope') ?? '')
    const faulty = fault && faultResponse(fault, (failure) => errorResponse(state, failure, base))
    if (faulty) return faulty
    if (fault?.kind === 'slow') await state.wait(fault.delay_ms)
    const validated = await validateRequest(state, request, form, segment, grantType)
    if (!validated.ok) return errorResponse(state, validated.failure, base)
    const body = JSON.stringify(await issueTokens(state, validated.issue, form, fault, base))
    const sent = fault?.kind === 'truncated' ? body.slice(0, body.length / 2) : body
    return new Response(sent, { headers: { ...noStore, ...json } })
  }

  const response = await respond()
  state.tokenCalls.push({
    tenant: segment,
    grantType: form.get('grant_type') ?? '',
    scope: form.get('scope'),
    status: response.status,
  })
  return response
}
