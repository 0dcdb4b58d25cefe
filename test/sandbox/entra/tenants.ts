/** What the first segment of a path means: `common`, `organizations`, `consumers`, a GUID or a domain. */
import { PERSONAL_TENANT_ID, type Person, tenants } from '../cast.ts'

export type TenantPath =
  | { kind: 'common' }
  | { kind: 'organizations' }
  | { kind: 'tenant'; id: string; personal: boolean }

/** Null for a tenant that does not exist (AADSTS90002). */
export function readTenantPath(segment: string): TenantPath | null {
  const name = segment.toLowerCase()
  if (name === 'common' || name === 'organizations') return { kind: name }
  // The tenant of personal accounts may be named by its GUID in place of `consumers`.
  if (name === 'consumers' || name === PERSONAL_TENANT_ID) {
    return { kind: 'tenant', id: PERSONAL_TENANT_ID, personal: true }
  }
  const one = Object.values(tenants).find(({ id, domain }) => name === id || name === domain)
  return one ? { kind: 'tenant', id: one.id, personal: one.id === PERSONAL_TENANT_ID } : null
}

/** Whether this person may sign in under this path. */
export function admits(path: TenantPath, person: Person): boolean {
  if (path.kind === 'common') return true
  if (path.kind === 'organizations') return person.accountType === 'work'
  return path.id === person.tenantId
}

/** Two spellings of the same place: a code is redeemed where it was issued. */
export const samePath = (a: TenantPath, b: TenantPath): boolean =>
  a.kind === 'tenant' && b.kind === 'tenant' ? a.id === b.id : a.kind === b.kind
