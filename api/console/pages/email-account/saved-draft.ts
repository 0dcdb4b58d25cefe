/**
 * Saves the form while a sign-in takes the whole page, because the popup was blocked: in this tab, beside
 * the id of the sign-in, and without a password.
 */
import { getRedirectResult } from '../../../connect/connect.ts'
import type { Draft } from './draft.ts'

type SavedDraft = { authorization: string; draft: Draft }

const KEY = 'mailgrant.sign-in'

/** Returns the URL of this page, to which the sign-in returns. */
export const returnUrl = () => `${location.origin}/console/${location.hash}`

export function saveDraft(saved: SavedDraft): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...saved, page: location.hash }))
}

/** Forgets the form, since the page was not left after all. */
export const discardDraft = () => sessionStorage.removeItem(KEY)

/** Returns the saved form once, and only on its own page; null otherwise. */
export function takeDraft(): SavedDraft | null {
  // Anyone can write such an address, so only what the tab has stored counts.
  getRedirectResult()
  const text = sessionStorage.getItem(KEY)
  if (text === null) return null
  const { page, ...saved } = JSON.parse(text) as SavedDraft & { page: string }
  if (page !== location.hash) return null
  sessionStorage.removeItem(KEY)
  return saved
}
