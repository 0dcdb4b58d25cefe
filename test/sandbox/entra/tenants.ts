/** The first path segment: `common`, `organizations`, `consumers`, a GUID or a domain. */
import { PERSONAL_TENANT_ID, type Person, tenants } from '../personas.ts'

export type TenantPath =
  | { kind: 'common' }
  | { kind: 'organizations' }
  | { kind: 'tenant'; id: string; personal: boolean }

/** Parses the path segment; null for a tenant that does not exist (AADSTS90002). */
export function parseTenantPath(segment: string): TenantPath | null {
  const name = segment.toLowerCase()
  if (name === 'common' || name === 'organizations') return { kind: name }
  // The tenant of personal accounts has a GUID as well.
  if (name === 'consumers' || name === PERSONAL_TENANT_ID) {
    return { kind: 'tenant', id: PERSONAL_TENANT_ID, personal: true }
  }
  const tenant = Object.values(tenants).find(({ id, domain }) => name === id || name === domain)
  return tenant
    ? { kind: 'tenant', id: tenant.id, personal: tenant.id === PERSONAL_TENANT_ID }
    : null
}

/** Returns true if this person may sign in under this path. */
export function admitsPerson(path: TenantPath, person: Person): boolean {
  if (path.kind === 'common') return true
  if (path.kind === 'organizations') return person.accountType === 'work'
  return path.id === person.tenantId
}

/** Compares two paths. A code must be redeemed under the path that issued it. */
export const samePath = (a: TenantPath, b: TenantPath): boolean =>
  a.kind === 'tenant' && b.kind === 'tenant' ? a.id === b.id : a.kind === b.kind
