/** Rights of the session, of its key or person. The console offers nothing beyond them, and the API enforces them. */
import type { Scope } from '../../schema/api-key.ts'

let held: readonly Scope[] = []

export const setScopes = (scopes: readonly Scope[]) => {
  held = scopes
}

/** Returns true for a scope that another chosen one includes. */
export function isImplied(scope: Scope, chosen: readonly Scope[]): boolean {
  if (scope !== 'admin' && chosen.includes('admin')) return true
  return scope === 'read' && chosen.includes('write')
}

export const may = (scope: Scope) => held.includes(scope) || isImplied(scope, held)
