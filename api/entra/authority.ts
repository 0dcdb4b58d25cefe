/**
 * An authority is a login host and a tenant: the destination of a request and its only valid responder.
 * Endpoints are built from it and never taken from a response, so no response can send a code or a
 * secret elsewhere.
 */
import { isGuid } from '../../schema/integration.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { clouds, PERSONAL_TENANT } from './clouds.ts'

export type Authority = {
  /** Origin of the cloud's login host, or of its replacement in tests. No trailing slash. */
  origin: string
  /** `common`, `organizations`, `consumers`, a tenant's GUID or one of its domains. */
  tenant: string
}

export type Endpoints = {
  authorize: string
  token: string
  jwks: string
  metadata: string
  adminConsent: string
}

/** Builds an authority. `override` replaces the login host of every cloud (`ENTRA_AUTHORITY`, for tests). */
export function authorityOf(cloud: Cloud, tenant: string, override?: string): Authority {
  return { origin: (override || clouds[cloud].login).replace(/\/+$/, ''), tenant }
}

export function endpoints(authority: Authority): Endpoints {
  const base = `${authority.origin}/${encodeURIComponent(authority.tenant)}`
  return {
    authorize: `${base}/oauth2/v2.0/authorize`,
    token: `${base}/oauth2/v2.0/token`,
    jwks: `${base}/discovery/v2.0/keys`,
    metadata: `${base}/v2.0/.well-known/openid-configuration`,
    adminConsent: `${base}/v2.0/adminconsent`,
  }
}

/** Returns the exact `iss` of tokens for tenant `tid`. */
export function issuerOf(authority: Authority, tid: string): string {
  return `${authority.origin}/${tid}/v2.0`
}

/**
 * Returns the tenant where a user's refresh token is redeemed: the user's own. `common` has been seen to
 * reject personal accounts on refresh, and always rejects single-tenant apps.
 */
export function refreshTenant(tid: string): string {
  return tid.toLowerCase() === PERSONAL_TENANT ? 'consumers' : tid
}

/** Checks that a sign-in at `tenant` may result in a user of tenant `tid`. */
export function tenantFits(tenant: string, tid: string): boolean {
  const personal = tid.toLowerCase() === PERSONAL_TENANT
  const asked = tenant.toLowerCase()
  if (asked === 'common') return true
  if (asked === 'consumers') return personal
  // The GUID of a domain's tenant is unknown here, but the tenant is certainly an organisation.
  return isGuid(asked) ? asked === tid.toLowerCase() : !personal
}

/**
 * Checks that the `iss` parameter of a callback (RFC 9207) can belong to this authority. Before the
 * id_token is known only its form can be compared; afterwards it must equal `issuerOf` exactly.
 */
export function issuerFits(authority: Authority, iss: string): boolean {
  const tid = iss.slice(authority.origin.length + 1, -'/v2.0'.length)
  if (iss !== issuerOf(authority, tid)) return false
  return tid === '{tenantid}' || (isGuid(tid) && tenantFits(authority.tenant, tid))
}
