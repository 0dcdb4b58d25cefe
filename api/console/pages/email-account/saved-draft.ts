/**
 * Keeps the form while a sign-in takes the whole page, because the popup was blocked: in this tab, beside
 * the id of the sign-in, and without a password.
 */
import { returned } from '../../../connect/connect.ts'
import type { Draft } from './draft.ts'

export type Kept = { authorization: string; draft: Draft }

const KEY = 'mailgrant.sign-in'

/** The page that the sign-in comes back to: this one. */
export const returnUrl = () => `${location.origin}/console/${location.hash}`

export function saveDraft(kept: Kept): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...kept, page: location.hash }))
}

/** Forgets the form, since the page was not left after all. */
export const discardDraft = () => sessionStorage.removeItem(KEY)

/** Returns the kept form, once, and only on the page that it was kept on; null otherwise. */
export function takeDraft(): Kept | null {
  // Anyone can write such an address, so only what the tab has stored counts.
  returned()
  const text = sessionStorage.getItem(KEY)
  if (text === null) return null
  const { page, ...kept } = JSON.parse(text) as Kept & { page: string }
  if (page !== location.hash) return null
  sessionStorage.removeItem(KEY)
  return kept
}
