/** A warning before unsaved work is lost. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Visit } from '../router.ts'

/**
 * Shows this warning before the page is left; null shows none. Returns a function that turns it off, and on again.
 * It applies immediately: an effect after the paint could come too late for a person who types and leaves.
 */
export function useLeaveGuard(
  beforeLeaving: Visit['beforeLeaving'],
  warning: string | null,
): (isLeaving: boolean) => void {
  const isLeaving = useRef(false)
  useLayoutEffect(
    () => beforeLeaving(() => (isLeaving.current ? null : warning)),
    [beforeLeaving, warning],
  )
  return (leaving) => {
    isLeaving.current = leaving
  }
}
