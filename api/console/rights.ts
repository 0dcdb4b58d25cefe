/** Scopes of the session. The console offers nothing beyond them, and the API enforces them. */
import type { Scope } from '../../schema/api-key.ts'

let granted: readonly Scope[] = []

export const setScopes = (scopes: readonly Scope[]) => {
  granted = scopes
}

/** Returns true if another of these scopes includes the scope. */
export function isImplied(scope: Scope, scopes: readonly Scope[]): boolean {
  if (scope !== 'admin' && scopes.includes('admin')) return true
  return scope === 'read' && scopes.includes('write')
}

/** Returns true if the session has the scope. */
export const may = (scope: Scope) => granted.includes(scope) || isImplied(scope, granted)
