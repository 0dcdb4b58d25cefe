/** A question before unsaved work is lost. */
import { useLayoutEffect } from 'preact/hooks'
import type { Visit } from '../router.ts'

/**
 * Asks this sentence before the page is left; null asks nothing. It counts at once: an effect after the paint
 * could come too late for a person who types and leaves.
 */
export function useObjection(
  beforeLeaving: Visit['beforeLeaving'],
  objection: string | null,
): void {
  useLayoutEffect(() => beforeLeaving(() => objection), [beforeLeaving, objection])
}
