/** A warning before unsaved work is lost. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { addLeaveGuard } from '../router.ts'

/**
 * Shows this warning before the page is left; null shows none. Returns a function that turns it off, and on
 * again. It applies with the next rendering: a person who types and leaves at once is warned as well.
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
