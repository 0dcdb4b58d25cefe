/** Rights of the session's key. The console offers nothing else; the API has the last word. */
import type { Scope } from '../../schema/api-key.ts'
import { isImplied } from './pages/api-keys/words.ts'

let held: readonly Scope[] = []

export const holdScopes = (scopes: readonly Scope[]) => {
  held = scopes
}

export const may = (scope: Scope) => held.includes(scope) || isImplied(scope, held)
