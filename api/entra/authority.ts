/**
 * An authority is a login host and a tenant: where a request goes and who may answer it. Endpoints
 * are built from it, never taken from a response, so no answer can send a code or a secret elsewhere.
 */
import { isGuid } from '../../schema/integration.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { clouds, PERSONAL_TENANT } from './clouds.ts'

export type Authority = {
  /** Of the cloud's login host, or of what stands in for it in tests. No trailing slash. */
  origin: string
  /** `common`, `organizations`, `consumers`, a tenant's GUID or one of its domains. */
  tenant: string
}

export type Endpoints = { authorize: string; token: string; jwks: string; adminConsent: string }

/** `override` replaces the login host of every cloud (`ENTRA_AUTHORITY`, for tests). */
export function authorityOf(cloud: Cloud, tenant: string, override?: string): Authority {
  return { origin: (override || clouds[cloud].login).replace(/\/+$/, ''), tenant }
}

export function endpoints(authority: Authority): Endpoints {
  const base = `${authority.origin}/${encodeURIComponent(authority.tenant)}`
  return {
    authorize: `${base}/oauth2/v2.0/authorize`,
    token: `${base}/oauth2/v2.0/token`,
    jwks: `${base}/discovery/v2.0/keys`,
    adminConsent: `${base}/v2.0/adminconsent`,
  }
}

/** The exact `iss` of tokens for tenant `tid`. */
export function issuerOf(authority: Authority, tid: string): string {
  return `${authority.origin}/${tid}/v2.0`
}

/**
 * Where an account's refresh token is redeemed: at its own tenant. `common` has been seen to refuse
 * personal accounts on refresh (AADSTS70000), and single-tenant apps always (AADSTS50194).
 */
export function refreshTenant(tid: string): string {
  return tid.toLowerCase() === PERSONAL_TENANT ? 'consumers' : tid
}

/** Whether an account of tenant `tid` may come out of a sign-in at `tenant`. */
export function tenantFits(tenant: string, tid: string): boolean {
  const personal = tid.toLowerCase() === PERSONAL_TENANT
  const asked = tenant.toLowerCase()
  if (asked === 'common') return true
  if (asked === 'consumers') return personal
  // A domain does not tell its tenant's GUID; it belongs to some organisation in any case.
  return isGuid(asked) ? asked === tid.toLowerCase() : !personal
}

/**
 * Whether the `iss` parameter of a callback (RFC 9207) can be this authority's. Before the id_token
 * is known only its shape can be compared; afterwards `issuerOf` must equal it exactly.
 */
export function issuerFits(authority: Authority, iss: string): boolean {
  const tid = iss.slice(authority.origin.length + 1, -'/v2.0'.length)
  if (iss !== issuerOf(authority, tid)) return false
  return tid === '{tenantid}' || (isGuid(tid) && tenantFits(authority.tenant, tid))
}
