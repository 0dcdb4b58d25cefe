/** Resolution of a domain to the GUID of its tenant, by the tenant's OpenID configuration. */
import { isGuid } from '../../schema/integration.ts'
import { type Authority, endpoints, issuerOf } from './authority.ts'
import { type EntraHttp, getJson } from './http.ts'

/** `unknown`: Microsoft knows no tenant with this domain. */
export type ResolvedTenant =
  | { ok: true; tenantId: string }
  | { ok: false; reason: 'unknown' | 'unavailable' }

/**
 * Returns the GUID in the tenant's issuer (OpenID Connect Discovery section 4.2). Entra answers a domain that it
 * does not know with 400. The GUID outlives the domain, which another tenant may register later.
 */
export async function resolveTenant(
  http: EntraHttp,
  authority: Authority,
): Promise<ResolvedTenant> {
  const result = await getJson(http, endpoints(authority).metadata)
  const unavailable = { ok: false, reason: 'unavailable' } as const
  if (!result.ok) return unavailable
  const { status, defect, json } = result.answer
  if (status === 400 || status === 404) return { ok: false, reason: 'unknown' }
  if (status !== 200 || defect !== null) return unavailable
  const { issuer } = (json ?? {}) as { issuer?: unknown }
  const tenantId = typeof issuer === 'string' ? issuer.split('/').at(-2)?.toLowerCase() : undefined
  return isGuid(tenantId) && issuer === issuerOf(authority, tenantId)
    ? { ok: true, tenantId }
    : unavailable
}
