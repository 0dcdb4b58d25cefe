/** A warning before unsaved work is lost. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { addLeaveGuard } from '../router.ts'

/**
 * Shows the warning before the page is left; null shows none. Returns a function that turns it off (true) and
 * on again (false). The warning is in force from the render itself, so a person who types and leaves at once is warned.
 */
export function useLeaveGuard(warning: string | null): (isLeaving: boolean) => void {
  const current = useRef(warning)
  const isLeaving = useRef(false)
  current.current = warning
  useLayoutEffect(() => addLeaveGuard(() => (isLeaving.current ? null : current.current)), [])
  return (leaving) => {
    isLeaving.current = leaving
  }
}
