/** What the key of the session may do: what it may not is not offered. The API has the last word. */
import type { Scope } from '../../schema/api-key.ts'
import { type Children, h } from './dom.ts'
import { isImplied } from './pages/api-keys/words.ts'
import { notice } from './ui/notice.ts'

let held: readonly Scope[] = []

export const holdScopes = (scopes: readonly Scope[]) => {
  held = scopes
}

export const may = (scope: Scope) => held.includes(scope) || isImplied(scope, held)

/** What takes a right: others can read it, and no more. */
export const guarded = (scope: Scope, ...content: Children[]) =>
  may(scope) ? content : h('fieldset', { disabled: true }, ...content)

/** Says to others why they can only read. */
export const explained = (scope: Scope, text: string) => !may(scope) && notice('plain', text)
