/**
 * The admin-consent link and its response. It grants consent and signs no one in. The response is not authenticated, so
 * anyone who has the link can write any `tenant` and `admin_consent` into it.
 */
import { isGuid } from '../../schema/integration.ts'
import { type Authority, endpoints } from './authority.ts'
import { hasDuplicates, type MalformedResponse, plainParameter } from './authorize.ts'

/** Builds the link. `scopes` are explicit, or `.default` for every permission that the registration declares. */
export function adminConsentUrl(input: {
  authority: Authority
  clientId: string
  redirectUri: string
  scopes: readonly string[]
  state: string
}): string {
  const { authority } = input
  // The endpoint accepts `organizations` but not `common`: only organisations have admins.
  const tenant = authority.tenant === 'common' ? 'organizations' : authority.tenant
  const url = new URL(endpoints({ ...authority, tenant }).adminConsent)
  url.search = new URLSearchParams({
    client_id: input.clientId,
    redirect_uri: input.redirectUri,
    scope: input.scopes.join(' '),
    state: input.state,
  }).toString()
  return url.href
}

/**
 * The `state` of consent links in the fixes of a diagnosis, which are not stored. It cannot prove that a response
 * belongs to a link, so such a response is shown but never recorded.
 */
export const UNRECORDED_STATE = 'unrecorded'

/** The parsed response. `tenant` is unverified, so it is only recorded. */
export type AdminConsentResponse =
  | { ok: true; state: string; tenant: string | null }
  | { ok: false; state: string | null }
  | { ok: false; state: string | null; malformed: MalformedResponse }

/** Parses the response. `error` wins: Entra sends `admin_consent=True` with it when the admin declined. */
export function readAdminConsent(params: URLSearchParams): AdminConsentResponse {
  if (hasDuplicates(params)) return { ok: false, state: null, malformed: 'duplicate_parameter' }
  const state = plainParameter(params, 'state')
  if (params.get('error')) return { ok: false, state }
  if (state === null) return { ok: false, state, malformed: 'missing_state' }
  if (params.get('admin_consent')?.toLowerCase() !== 'true') {
    return { ok: false, state, malformed: 'missing_result' }
  }
  const tenant = params.get('tenant')
  return { ok: true, state, tenant: isGuid(tenant) ? tenant.toLowerCase() : null }
}
